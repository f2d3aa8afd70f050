"""Measure the real fonts and write `scenes/shapes/faces/*.json`.

Run as `python -m pagereel.scenes.drawing.measure_faces`.

Layout needs widths before anything is drawn, on machines that have no font at all (a browser's
Python). So the widths and kerning of every face are kept as data; a test compares them with the
fonts that are installed.
"""

from __future__ import annotations

import io
import json
from itertools import product
from pathlib import Path

from fontTools.ttLib import TTFont

from pagereel.scenes.drawing.glyphs import SOURCES, find, font

BLOCKS = (
    *((0x20, 0x17F), (0x370, 0x3FF), (0x400, 0x45F), (0x2010, 0x203A), (0x2070, 0x209C)),
    *((0x20A0, 0x20BF), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2400, 0x2424), (0x25A0, 0x25FF)),
)
"""Unicode ranges that a storyboard may use without a warning, where the fonts have them."""
KERNED = [*map(chr, range(0x20, 0x7F)), *"’“”–—…×·"]


def measure(face: str) -> dict[str, object]:
    """The measures of one face, in thousandths of an em."""
    main = font(SOURCES[face][0])
    characters = [chr(code) for low, high in BLOCKS for code in range(low, high + 1)]
    return {
        "ascent": _thousandths(main, main["hhea"].ascent),
        "descent": -_thousandths(main, main["hhea"].descent),
        "cap_height": _thousandths(main, main["OS/2"].sCapHeight),
        "x_height": _thousandths(main, main["OS/2"].sxHeight),
        "advances": {c: advance for c in characters if (advance := _advance(face, c)) is not None},
        "kerning": {} if face == "mono" else _kerning(main),
    }


def _advance(face: str, character: str) -> int | None:
    found = find(face, character)
    if found is None:
        return None
    source, name = found
    return _thousandths(font(source), font(source)["hmtx"][name][0])


def _thousandths(opened: TTFont, units: int) -> int:
    return round(1000 * units / int(opened["head"].unitsPerEm))


def _kerning(opened: TTFont) -> dict[str, int]:
    """What the font's own kerning (GPOS) adds between each pair of common characters."""
    import uharfbuzz as hb

    data = io.BytesIO()
    opened.save(data)
    shaper = hb.Font(hb.Face(data.getvalue()))
    available = opened.getBestCmap()
    characters = [c for c in KERNED if ord(c) in available]

    def width(text: str) -> int:
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(shaper, buffer, {"kern": True, "liga": False, "calt": False, "clig": False})
        return sum(position.x_advance for position in buffer.glyph_positions)

    alone = {c: width(c) for c in characters}
    pairs = {a + b: width(a + b) - alone[a] - alone[b] for a, b in product(characters, repeat=2)}
    return {pair: _thousandths(opened, units) for pair, units in pairs.items() if units}


def main() -> None:
    """Write every face's measures beside this file."""
    for face in SOURCES:
        text = json.dumps(measure(face), ensure_ascii=True, separators=(",", ":"))
        (Path(__file__).parents[1] / "shapes" / "faces" / f"{face}.json").write_text(
            text + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
