"""Clips as GIF: a palette for each clip, only what changed in each frame, joined as they are.

Every frame carries its clip's palette, so that clips join by setting their frames side by side.
The flat colours of a picture are in the palette exactly; edges and fades share the rest.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image

from pagereel.scenes.shapes.clip import Clip
from pagereel.scenes.shapes.colours import mix
from pagereel.scenes.shapes.picture import Ink, Rect, Rgba, Text

EXACT, COLOURS = 210, 255
"""Colours kept as they are, and colours in all; one more stands for what has not changed."""
SMOOTHED = (0.3, 0.5, 0.7, 0.85)
"""How much of its ink the edges of a letter have."""
UNCHANGED = 255
_LOOP = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
_END = b"\x3b"

Indices = NDArray[np.uint8]


class GifEncoder:
    """Writes one clip; implements `Sink`. A context manager: leaving it finishes."""

    def __init__(self, path: Path, rate: int, inks: Sequence[int] = ()) -> None:
        """`inks` are colours that must not be taken for others, however little there is of them."""
        assert 100 % rate == 0, "GIF counts in hundredths of a second"
        self._path, self._rate, self._inks = path, rate, inks
        self._shown: list[tuple[NDArray[np.uint32], int]] = []

    def show(self, pixels: NDArray[np.uint8], count: int) -> None:
        """Keep one image, shape (height, width, 4), to be shown for `count` frames."""
        weights = np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
        packed: NDArray[np.uint32] = (pixels[..., :3] * weights).sum(axis=2, dtype=np.uint32)
        if self._shown and np.array_equal(self._shown[-1][0], packed):
            before, shown = self._shown.pop()
            packed, count = before, shown + count
        self._shown.append((packed, count))

    def __enter__(self) -> Self:
        """The encoder itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Choose the palette and write the file, unless something went wrong."""
        if kind is None:
            height, width = self._shown[0][0].shape
            self._path.write_bytes(_header(width, height) + b"".join(self._frames()) + _END)

    def _frames(self) -> Iterable[bytes]:
        """Every frame's bytes: what has changed since the one before, in a box of its own."""
        palette, nearest = choose_palette([packed for packed, _ in self._shown], self._inks)
        before: Indices | None = None
        for packed, count in self._shown:
            indices = nearest[packed]
            changed = np.ones_like(indices, dtype=bool) if before is None else indices != before
            before = indices
            yield _frame(indices, changed, palette, count * 100 // self._rate)


def join_gifs(paths: Sequence[Path], target: Path) -> None:
    """Write the clips one after the other, playing without end."""
    with target.open("wb") as out:
        for number, path in enumerate(paths):
            data = path.read_bytes()
            start = len(_header(0, 0))
            out.write(data[:start] if number == 0 else b"")
            out.write(data[start : -len(_END)])
        out.write(_END)


def inks_of(clip: Clip) -> tuple[int, ...]:
    """The colours that a clip's pictures are made of, and those of its letters' edges, packed."""
    pictures = [clip.opening, *(leg.picture for leg in clip.legs)]
    shapes = [shape for picture in pictures for shape in picture.shapes if shape.opacity == 1]
    back = _painted(pictures[0].background)
    words = dict.fromkeys(_painted(shape.ink) for shape in shapes if isinstance(shape, Text))
    areas = [
        _painted(ink)
        for shape in shapes
        for ink in ((shape.fill, shape.stroke) if isinstance(shape, Rect) else (shape.ink,))
    ]
    edges = [mix(back, ink, share) for ink in words for share in SMOOTHED]
    solid = [ink for ink in (back, *words, *areas, *edges) if ink.a == 1]
    return tuple(dict.fromkeys(map(_packed, solid)))


def _painted(ink: Ink) -> Rgba:
    assert isinstance(ink, Rgba), "only painted pictures are drawn"
    return ink


def _packed(ink: Rgba) -> int:
    red, green, blue = (round(channel * 255) for channel in ink[:3])
    return red << 16 | green << 8 | blue


def choose_palette(
    images: Sequence[NDArray[np.uint32]], inks: Sequence[int] = ()
) -> tuple[NDArray[np.uint8], Indices]:
    """At most 255 colours, shape (n, 3), and for each packed colour the nearest one's number."""
    counts: dict[int, int] = {}
    for image in images:
        for colour, count in zip(*np.unique(image, return_counts=True), strict=True):
            counts[int(colour)] = counts.get(int(colour), 0) + int(count)
    ranked = sorted(counts, key=lambda colour: (-counts[colour], colour))
    exact = list(dict.fromkeys([*inks, *ranked]))[:EXACT]
    others = [colour for colour in ranked if colour not in set(exact)]
    chosen = _unpacked(exact)
    if others:
        weights = [min(counts[colour], 64) for colour in others]
        sample = np.repeat(_unpacked(others), weights, axis=0)[None]
        reduced = Image.fromarray(sample).quantize(COLOURS - len(exact), Image.Quantize.MEDIANCUT)
        rest = np.array(reduced.getpalette(), dtype=np.uint8).reshape(-1, 3)
        chosen = np.unique(np.concatenate([chosen, rest]), axis=0)[:COLOURS]
    nearest = np.zeros(1 << 24, dtype=np.uint8)
    found = np.array(ranked, dtype=np.uint32)
    for start in range(0, len(found), 4096):
        some = found[start : start + 4096]
        away = _unpacked(some)[:, None].astype(np.int32) - chosen[None].astype(np.int32)
        nearest[some] = (away**2).sum(axis=2).argmin(axis=1)
    return chosen, nearest


def _unpacked(colours: Sequence[int] | NDArray[np.uint32]) -> NDArray[np.uint8]:
    packed = np.asarray(colours, dtype=np.uint32)
    return np.stack([packed >> 16 & 255, packed >> 8 & 255, packed & 255], axis=1).astype(np.uint8)


def _header(width: int, height: int) -> bytes:
    """The start of a file that plays without end and has no palette for all frames."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x70, 0, 0) + _LOOP


def _frame(
    indices: Indices, changed: NDArray[np.bool_], palette: NDArray[np.uint8], hundredths: int
) -> bytes:
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not len(rows):
        rows = columns = np.array([0])  # a frame needs one pixel, if only an unchanged one
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    shown = np.where(changed[box], indices[box], UNCHANGED).astype(np.uint8)
    image = Image.fromarray(shown, mode="P")
    image.putpalette(palette.tobytes().ljust(256 * 3, b"\0"))
    blocks = GifImagePlugin.getdata(
        image,
        (int(columns[0]), int(rows[0])),
        duration=hundredths * 10,
        transparency=UNCHANGED,
        disposal=1,
        include_color_table=True,
    )
    return b"".join(blocks)
