"""Pictures as PDF pages: vectors and real text, from the same shapes as the video.

A page is the canvas at half a point a pixel (16:9: 13.33 x 7.5 inches). Text can be searched and
copied; its fonts are embedded with just the characters that are used.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from reportlab.lib.colors import Color
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pagereel.scenes.drawing.formulas import typeset
from pagereel.scenes.drawing.glyphs import find
from pagereel.scenes.drawing.glyphs import outline as glyph_outline
from pagereel.scenes.drawing.outline import Curves
from pagereel.scenes.shapes.extents import text_box
from pagereel.scenes.shapes.lines import DOT_RADIUS, HATCH_LINE, arrow, dots, hatch
from pagereel.scenes.shapes.picture import (
    Box,
    Formula,
    Ink,
    Pattern,
    Picture,
    Rect,
    Rgba,
    Shape,
    Text,
)
from pagereel.scenes.shapes.picture import Path as Line
from pagereel.scenes.shapes.typeface import face

SCALE = 0.5
"""Points a pixel of the 1080p canvas."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page, and its entry in the outline."""

    picture: Picture
    title: str
    label: str


@dataclass(frozen=True, slots=True)
class About:
    """What the document says of itself."""

    title: str
    author: str
    subject: str


def write_pdf(pages: Sequence[Page], about: About, target: Path) -> None:
    """Write painted pictures as a document with title, outline and page labels."""
    size = pages[0].picture.width * SCALE, pages[0].picture.height * SCALE
    canvas = Canvas(str(target), pagesize=size, invariant=1, pageCompression=1)
    canvas.setTitle(about.title)
    canvas.setAuthor(about.author)
    canvas.setSubject(about.subject)
    canvas.setCreator("pagereel")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    fonts = _embed(page.picture for page in pages)
    for number, page in enumerate(pages):
        canvas.bookmarkPage(page.label)
        canvas.addOutlineEntry(page.title, page.label, level=0)
        canvas.addPageLabel(number, prefix=page.label)
        canvas.scale(SCALE, SCALE)
        _Painter(canvas, page.picture, fonts).paint()
        canvas.showPage()
    canvas.showOutline()
    canvas.save()


def _embed(pictures: Iterable[Picture]) -> dict[str, str]:
    """The document's name for each font that the pictures use."""
    from pagereel.render.svg_pens import subset, truetype

    used: dict[str, set[str]] = {}
    texts = (s for picture in pictures for s in picture.shapes if isinstance(s, Text))
    for shape in texts:
        for character in shape.text:
            found = find(shape.face, character)
            if found is not None:
                used.setdefault(found[0], set()).add(character)
    names = {}
    for source, characters in sorted(used.items()):
        data = truetype(subset(source, sorted(characters), flavor=None))
        names[source] = f"pagereel-{source}"
        pdfmetrics.registerFont(TTFont(names[source], io.BytesIO(data)))
    return names


class _Painter:
    """Puts one picture's shapes on a page. PDF's y goes up, a picture's down."""

    def __init__(self, canvas: Any, picture: Picture, fonts: dict[str, str]) -> None:  # noqa: ANN401  # reportlab ships no types
        self._canvas, self._picture, self._fonts = canvas, picture, fonts

    def paint(self) -> None:
        """Everything, in drawing order."""
        picture = self._picture
        self._fill(picture.background, 1)
        self._canvas.rect(0, 0, picture.width, picture.height, stroke=0, fill=1)
        for shape in picture.shapes:
            if shape.opacity > 0:
                self._shape(shape)

    def _shape(self, shape: Shape) -> None:
        match shape:
            case Rect():
                self._rect(shape)
            case Text():
                self._text(shape)
            case Line():
                self._line(shape)
            case Formula():
                self._fill(shape.ink, shape.opacity)
                self._curves(typeset(shape), (0, 0))

    def _rect(self, rect: Rect) -> None:
        box = rect.box
        if box.w <= 0 or box.h <= 0:
            return
        fill = self._fill(rect.fill, rect.opacity)
        stroke = self._stroke(rect.stroke, rect.line, rect.opacity)
        radius = min(rect.radius, box.w / 2, box.h / 2)
        if fill or stroke:
            place = (box.x, self._up(box.bottom), box.w, box.h)
            self._canvas.roundRect(*place, radius, stroke=stroke, fill=fill)
        if rect.pattern is Pattern.HATCH:
            self._hatch(box, rect)
        elif rect.pattern is Pattern.DOTS:
            self._dots(box, rect)

    def _hatch(self, box: Box, rect: Rect) -> None:
        path = self._canvas.beginPath()
        for (x0, y0), (x1, y1) in hatch(box.inset(1)):
            path.moveTo(x0, self._up(y0))
            path.lineTo(x1, self._up(y1))
        if self._stroke(rect.pattern_ink, HATCH_LINE, rect.opacity):
            self._canvas.drawPath(path, stroke=1, fill=0)

    def _dots(self, box: Box, rect: Rect) -> None:
        path = self._canvas.beginPath()
        for x, y in dots(box.inset(2)):
            path.circle(x, self._up(y), DOT_RADIUS)
        if self._fill(rect.pattern_ink, rect.opacity):
            self._canvas.drawPath(path, stroke=0, fill=1)

    def _line(self, line: Line) -> None:
        places, head = arrow(line)
        points = [(x, self._up(y)) for x, y in places]
        if head and self._fill(line.ink, line.opacity):
            path = self._canvas.beginPath()
            path.moveTo(head[0][0], self._up(head[0][1]))
            for x, y in head[1:]:
                path.lineTo(x, self._up(y))
            path.close()
            self._canvas.drawPath(path, stroke=0, fill=1)
        path = self._canvas.beginPath()
        path.moveTo(*points[0])
        if line.smooth:
            path.curveTo(*(value for point in points[1:] for value in point))
        else:
            for point in points[1:]:
                path.lineTo(*point)
        if self._stroke(line.ink, line.line, line.opacity):
            self._canvas.drawPath(path, stroke=1, fill=0)

    def _text(self, text: Text) -> None:
        if not text.text or not self._fill(text.ink, text.opacity):
            return
        left = text_box(text).x
        for run, x in _runs(text):
            found = find(text.face, run[0])
            if found is None:
                for glyph in run:
                    curves = glyph_outline(text.face, glyph) * (text.size, -text.size)
                    self._curves(curves, (left + x, text.y))
                continue
            written = self._canvas.beginText(left + x, self._up(text.y))
            written.setFont(self._fonts[found[0]], text.size)
            written.textOut(run)
            self._canvas.drawText(written)

    def _curves(self, curves: Curves, place: tuple[float, float]) -> None:
        path, last = self._canvas.beginPath(), None
        for start, *rest in (curves + place).tolist():
            if start != last:
                path.moveTo(start[0], self._up(start[1]))
            path.curveTo(*(value for x, y in rest for value in (x, self._up(y))))
            last = rest[-1]
        self._canvas.drawPath(path, stroke=0, fill=1, fillMode=1)

    def _up(self, y: float) -> float:
        return round(self._picture.height - y, 3)

    def _fill(self, ink: Ink, opacity: float) -> int:
        """Choose a colour to fill with; whether there is anything to see of it."""
        colour = _colour(ink, opacity)
        if not colour.alpha:
            return 0
        self._canvas.setFillColor(colour)
        return 1

    def _stroke(self, ink: Ink, width: float, opacity: float) -> int:
        """Choose a colour and width to draw with; whether there is anything to see of it."""
        colour = _colour(ink, opacity)
        if not colour.alpha or not width:
            return 0
        self._canvas.setStrokeColor(colour)
        self._canvas.setLineWidth(width)
        return 1


def _colour(ink: Ink, opacity: float) -> Any:  # noqa: ANN401  # reportlab ships no types
    assert isinstance(ink, Rgba), "only painted pictures are drawn"
    return Color(ink.r, ink.g, ink.b, ink.a * opacity)


def _runs(text: Text) -> Iterator[tuple[str, float]]:
    """The text in pieces, each in one font and without kerning inside, with where it starts."""
    measures = face(text.face)
    offsets = measures.offsets(text.text, text.size)
    fonts = [(find(text.face, character) or ("",))[0] for character in text.text]
    start = 0
    for index, (one, other) in enumerate(pairwise(text.text), 1):
        if one + other in measures.kerning or fonts[index] != fonts[index - 1]:
            yield text.text[start:index], offsets[start]
            start = index
    yield text.text[start:], offsets[start]
