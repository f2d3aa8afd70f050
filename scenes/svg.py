"""Pictures as SVG: the same shapes, colours and places as on the stage. Standard library only.

Text stays text, in faces that the file's own style sheet may bring. How text and formulas are
written is a `Pen`'s business, so that they can be turned into outlines where fonts are at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from pagereel.scenes.shapes.lines import DOT_RADIUS, HATCH_LINE, Point, arrow, dots, hatch
from pagereel.scenes.shapes.picture import (
    Anchor,
    Formula,
    Ink,
    Path,
    Pattern,
    Picture,
    Rect,
    Rgba,
    Shape,
    Text,
)

FAMILY = "pagereel-"
"""A face's name in a style sheet is this and its own name."""


def live_text(text: Text) -> str:
    """Text that can be searched, selected and read aloud."""
    anchor = "" if text.anchor is Anchor.START else f' text-anchor="{text.anchor.value}"'
    return (
        f'<text x="{number(text.x)}" y="{number(text.y)}" font-size="{number(text.size)}" '
        f'font-family="{FAMILY}{plain(text.face)}, sans-serif"{anchor}{filled(text.ink)}'
        f"{_faded(text)}>{_note(text)}{plain(text.text)}</text>"
    )


def formula_source(formula: Formula) -> str:
    """A formula as it was typed, where nothing is at hand that sets it."""
    box = formula.box
    return (
        f'<text x="{number(box.x)}" y="{number(box.bottom - box.h / 4)}" '
        f'font-size="{number(box.h * 0.7)}" font-family="{FAMILY}mono, monospace"'
        f"{filled(formula.ink)}{_faded(formula)}>{_note(formula)}{plain(formula.typst)}</text>"
    )


AS_MEASURED = "text{white-space:pre;font-kerning:normal;font-variant-ligatures:none}"
"""Text as the layout measures it: kerned, without ligatures, every space counted."""


@dataclass(frozen=True, slots=True)
class Pen:
    """How words and formulas are written."""

    text: Callable[[Text], str] = live_text
    formula: Callable[[Formula], str] = formula_source
    style: str = AS_MEASURED
    """A style sheet of our own making; goes into the file as it is."""


def svg(picture: Picture, pen: Pen = Pen(), backdrop: float = 1) -> str:
    """A painted picture as an SVG document; `backdrop` is the background's opacity."""
    width, height = picture.width, picture.height
    title, _, rest = picture.alt.partition(". ")
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">'
    )
    words = f"<title>{plain(title)}</title>" if title else ""
    words += f"<desc>{plain(picture.alt)}</desc>" if rest else ""
    style = f"<style>{pen.style}</style>" if pen.style else ""
    look = filled(faded(picture.background, backdrop))
    back = f'<rect width="{width}" height="{height}"{look}/>'
    drawn = "\n".join(elements(picture.shapes, pen))
    return f"{head}{words}{style}\n{back}\n{drawn}\n</svg>\n"


def elements(shapes: Sequence[Shape], pen: Pen) -> Iterator[str]:
    """Painted shapes as elements, in drawing order; what cannot be seen is left out."""
    for shape in shapes:
        if shape.opacity <= 0:
            continue
        match shape:
            case Rect():
                yield from _rect(shape)
            case Text():
                if shape.text:
                    yield pen.text(shape)
            case Path():
                yield _path(shape)
            case Formula():
                yield pen.formula(shape)


def _rect(rect: Rect) -> Iterator[str]:
    box = rect.box
    if box.w <= 0 or box.h <= 0:
        return
    radius = min(rect.radius, box.w / 2, box.h / 2)
    stroke = stroked(rect.stroke, rect.line)
    if filled(rect.fill) != _NO_FILL or stroke or rect.note:
        place = f'x="{number(box.x)}" y="{number(box.y)}"'
        size = f'width="{number(box.w)}" height="{number(box.h)}"'
        round_ = f' rx="{number(radius)}"' if radius else ""
        look = f"{filled(rect.fill)}{stroke}{_faded(rect)}"
        yield _closed(f"rect {place} {size}{round_}{look}", "rect", _note(rect))
    if rect.pattern is Pattern.HATCH:
        lines = "".join(f"M{points(line)}" for line in hatch(box.inset(1)))
        yield f'<path d="{lines}"{_NO_FILL}{stroked(rect.pattern_ink, HATCH_LINE)}{_faded(rect)}/>'
    elif rect.pattern is Pattern.DOTS:
        r, width = number(DOT_RADIUS), number(2 * DOT_RADIUS)
        rounds = "".join(
            f"M{points([(x - DOT_RADIUS, y)])}a{r} {r} 0 1 1 {width} 0a{r} {r} 0 1 1 -{width} 0"
            for x, y in dots(box.inset(2))
        )
        yield f'<path d="{rounds}"{filled(rect.pattern_ink)}{_faded(rect)}/>'


def _path(path: Path) -> str:
    line, head = arrow(path)
    drawn = f"M{points(line[:1])}C{points(line[1:])}" if path.smooth else f"M{points(line)}"
    look = f"{_NO_FILL}{stroked(path.ink, path.line)}"
    shaft = _closed(f'path d="{drawn}"{look}{_faded(path)}', "path", _note(path))
    if not head:
        return shaft
    return f'<path d="M{points(head)}z"{filled(path.ink)}{_faded(path)}/>{shaft}'


def _closed(start: str, name: str, inside: str) -> str:
    return f"<{start}>{inside}</{name}>" if inside else f"<{start}/>"


def _note(shape: Shape) -> str:
    """What a shape means, as a tooltip."""
    return f"<title>{plain(shape.note)}</title>" if shape.note else ""


def _faded(shape: Shape) -> str:
    return "" if shape.opacity >= 1 else f' opacity="{number(shape.opacity)}"'


_NO_FILL = ' fill="none"'


def filled(ink: Ink) -> str:
    """The attributes of a fill."""
    colour, opacity = _colour(ink)
    if not opacity:
        return _NO_FILL
    return f' fill="{colour}"' + ("" if opacity == 1 else f' fill-opacity="{number(opacity)}"')


def stroked(ink: Ink, width: float) -> str:
    """The attributes of an outline; none if there is none."""
    colour, opacity = _colour(ink)
    if not opacity or not width:
        return ""
    faint = "" if opacity == 1 else f' stroke-opacity="{number(opacity)}"'
    return f' stroke="{colour}" stroke-width="{number(width)}"{faint}'


def faded(ink: Ink, opacity: float) -> Rgba:
    """A colour with less opacity."""
    assert isinstance(ink, Rgba), "only painted pictures are drawn"
    return ink._replace(a=ink.a * opacity)


def _colour(ink: Ink) -> tuple[str, float]:
    assert isinstance(ink, Rgba), "only painted pictures are drawn"
    red, green, blue = (round(channel * 255) for channel in ink[:3])
    return f"#{red:02x}{green:02x}{blue:02x}", ink.a


def number(value: float) -> str:
    """A number as short as it can be written, to a hundredth."""
    return f"{round(value, 2) + 0:.2f}".rstrip("0").rstrip(".")


def points(places: Sequence[Point]) -> str:
    """Places as a path has them."""
    return " ".join(f"{number(x)} {number(y)}" for x, y in places)


def plain(text: str) -> str:
    """Text that stays text in XML: markup escaped, characters that XML forbids replaced."""
    return escape("".join(c if _allowed(ord(c)) else "\ufffd" for c in text))


def _allowed(code: int) -> bool:
    if code < 0x20:
        return code in (0x9, 0xA, 0xD)
    return not (0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF))
