"""Pens for SVG that bring the fonts: embedded as subsets, or every word turned into outlines."""

from __future__ import annotations

import base64
import io
from collections.abc import Collection, Iterable, Mapping

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable

from pagereel.scenes.drawing.formulas import typeset
from pagereel.scenes.drawing.glyphs import find, font_file
from pagereel.scenes.drawing.outline import Curves, Part, outline
from pagereel.scenes.shapes.picture import Formula, Picture, Text
from pagereel.scenes.svg import AS_MEASURED, FAMILY, Pen, filled, number, plain


def embedding(pictures: Iterable[Picture]) -> Pen:
    """Text stays text; the characters that these pictures use are embedded."""
    used: dict[str, set[str]] = {}
    for picture in pictures:
        for shape in picture.shapes:
            if isinstance(shape, Text):
                used.setdefault(shape.face, set()).update(shape.text)
    return Pen(formula=outlined, style=font_rules(used) + AS_MEASURED)


def font_rules(used: Mapping[str, Collection[str]]) -> str:
    """Rules of a style sheet that bring the faces, each with just these characters."""
    return "".join(rule for face in sorted(used) for rule in _font_rules(face, used[face]))


def outlining() -> Pen:
    """No text and no font: every character is drawn as a shape."""
    return Pen(text=outlined, formula=outlined)


def outlined(shape: Text | Formula) -> str:
    """A shape's curves as a path; what it says is kept for those who cannot see it."""
    said = shape.note or (shape.text if isinstance(shape, Text) else shape.typst)
    label = f'role="img" aria-label="{plain(said)}"'
    return "".join(_part(part, label) for part in outline(shape, typeset) if len(part.curves))


def _part(part: Part, label: str) -> str:
    place = f' transform="translate({number(part.x)} {number(part.y)})"' if part.x or part.y else ""
    return f'<path {label} d="{path_data(part.curves)}"{place}{filled(part.fill)}/>'


def path_data(curves: Curves) -> str:
    """Closed outlines as a path, to a hundredth of a pixel."""
    drawn, last = [], None
    for start, first, second, end in curves.round(2).tolist():
        if start != last:
            drawn.append(f"{'z' if last else ''}M{number(start[0])} {number(start[1])}")
        drawn.append(
            "C" + " ".join(number(value) for point in (first, second, end) for value in point)
        )
        last = end
    return "".join(drawn) + "z"


def _font_rules(face: str, characters: Collection[str]) -> Iterable[str]:
    """An @font-face rule for each font that a face draws on, with just these characters."""
    sources: dict[str, list[str]] = {}
    for character in sorted(characters):
        found = find(face, character)
        if found is not None:
            sources.setdefault(found[0], []).append(character)
    for source, needed in sources.items():
        data = base64.b64encode(subset(source, needed)).decode()
        ranges = ",".join(f"U+{ord(character):X}" for character in needed)
        yield (
            f"@font-face{{font-family:{FAMILY}{face};src:url(data:font/woff;base64,{data})"
            f"format('woff');unicode-range:{ranges}}}"
        )


def subset(source: str, characters: Iterable[str], flavor: str | None = "woff") -> bytes:
    """A font with these characters only, as WOFF; without a flavor as it is carried."""
    options = Options(flavor=flavor, layout_features=["kern"], notdef_outline=True)
    opened = TTFont(io.BytesIO(font_file(source)), recalcTimestamp=False)
    chosen = Subsetter(options)
    chosen.populate(text="".join(characters))
    chosen.subset(opened)
    opened.flavor = flavor
    if "OS/2" in opened:
        opened["OS/2"].version = max(opened["OS/2"].version, 4)  # bits that version 3 has not
    written = io.BytesIO()
    opened.save(written)
    return written.getvalue()


def truetype(data: bytes) -> bytes:
    """A font with quadratic outlines, as PDF writers want them; others are converted."""
    opened = TTFont(io.BytesIO(data), recalcTimestamp=False)
    if "glyf" in opened:
        return data
    glyphs, order = opened.getGlyphSet(), opened.getGlyphOrder()
    converted = newTable("glyf")
    converted.glyphOrder, converted.glyphs = order, {}
    for name in order:
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, max_err=0.5, reverse_direction=True))
        converted.glyphs[name] = pen.glyph()
    opened["glyf"], opened["loca"] = converted, newTable("loca")
    del opened["CFF "]
    maxp = opened["maxp"]
    maxp.tableVersion, maxp.maxZones = 0x00010000, 1
    for unused in _UNUSED:
        setattr(maxp, unused, 0)
    opened["post"].formatType = 3
    opened.sfntVersion = "\x00\x01\x00\x00"
    written = io.BytesIO()
    opened.save(written)
    return written.getvalue()


_UNUSED = (
    *("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"),
    *("maxStackElements", "maxSizeOfInstructions", "maxComponentElements"),
)
"""What a font without instructions has none of."""
