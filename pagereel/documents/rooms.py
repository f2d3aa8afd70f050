"""The picture of the rooms: every floor of the big folders, each name with what it is for.

Drawn from the code: names and arrows from its imports, words from its docstrings. Arrows run down,
inside a folder and from left to right between folders; a name stands above all that it uses.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path as File

from pagereel.documents.tree import Arrows, depths, floor, modules, shortened
from pagereel.scenes.shapes.picture import Anchor, Box, Path, Picture, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import break_lines, face
from pagereel.scenes.style import THEMES, paint
from pagereel.scenes.svg import svg
from pagereel.storage.outgoing import write_file

TARGET = File("docs/pictures/rooms.svg")
COLUMNS = (("pagereel",), ("scenes", "measurements"), ("model",))
"""The big folders from left to right, and one over the other."""
HUE = {"pagereel": 1, "scenes": 2, "measurements": 0, "model": 6}
WIDTH, HEIGHT, BETWEEN, DOWN = 268, 122, 22, 40
"""Of a name's box; between two in a row; between two rows."""
LINES = 4
"""Of a purpose, at most."""
EDGE, HEAD, APART, MARGIN = 24, 84, 84, 40
"""Inside a folder's card; its title; between cards; around all."""


def rooms_svg() -> str:
    """The picture as an SVG document."""
    return svg(paint(rooms_picture(), THEMES["light"]))


def write_rooms(root: File) -> File:
    """Draw the picture into docs/."""
    write_file(root / TARGET, rooms_svg().encode())
    return root / TARGET


def rooms_picture() -> Picture:
    """Every big folder as a card, and on it what stands on its floor."""
    known = modules()
    arrows = {name: floor(_package(name), known) for column in COLUMNS for name in column}
    cards = _cards({name: _rows(found) for name, found in arrows.items()})
    shapes: list[Shape] = [*_between(cards)]
    for name, card in cards.items():
        shapes += _card(name, card, arrows[name], known)
    right = max(card.right for card in cards.values()) + MARGIN
    bottom = max(card.bottom for card in cards.values()) + MARGIN
    alt = "The rooms of pagereel, and which uses which. " + " ".join(_told(arrows))
    return Picture(round(right), round(bottom), "background", tuple(shapes), alt=alt)


def _package(folder: str) -> str:
    return folder if folder == "pagereel" else f"pagereel.{folder}"


def _rows(arrows: Arrows) -> list[list[str]]:
    """Names row by row, those that use most on top; in a row by what they stand over."""
    depth = depths(arrows)
    rows = [
        sorted(n for n in arrows if depth[n] == level) for level in range(max(depth.values()) + 1)
    ]
    place: dict[str, float] = {}
    for row in rows:
        row.sort(key=lambda n: (sum(place[o] for o in arrows[n]) / max(len(arrows[n]), 1), n))
        place |= {name: (at + 0.5) / len(row) for at, name in enumerate(row)}
    return rows[::-1]


def _cards(rows: Mapping[str, list[list[str]]]) -> dict[str, Box]:
    """Where each folder's card stands."""
    cards: dict[str, Box] = {}
    x = float(MARGIN)
    for column in COLUMNS:
        widest = max(max(map(len, rows[name])) for name in column)
        width = 2 * EDGE + widest * (WIDTH + BETWEEN) - BETWEEN
        y = float(MARGIN)
        for name in column:
            height = HEAD + len(rows[name]) * (HEIGHT + DOWN) - DOWN + EDGE
            cards[name] = Box(x, y, width, height)
            y += height + APART
        x += width + APART
    return cards


def _between(cards: Mapping[str, Box]) -> Iterator[Shape]:
    """Arrows from card to card, as the folders may import each other."""
    for start, end in (("pagereel", "scenes"), ("pagereel", "measurements"),
                       ("scenes", "model"), ("measurements", "model")):  # fmt: skip
        one, other = cards[start], cards[end]
        y = min(max(one.y, other.y) + 140, one.bottom - 40, other.bottom - 40)
        points = ((one.right + 4, y), (other.x - 6, y))
        yield Path(f"between/{start}/{end}", points, "muted", line=8, head=26)


def _card(name: str, card: Box, arrows: Arrows, known: Mapping[str, File]) -> Iterator[Shape]:
    hue = f"request {HUE[name]}"
    yield Rect(f"card/{name}", card, "card", f"{hue} edge", 2, 16)
    yield Text(f"card/{name}/title", card.x + EDGE, card.y + 52, f"{name}/", 34, "text", "bold")
    boxes = dict(_boxes(card, _rows(arrows)))
    for start, reached in shortened(arrows).items():
        for end in sorted(reached):
            yield _arrow(f"{name}/{start}/{end}", boxes[start], boxes[end])
    for room, box in boxes.items():
        module = f"{_package(name)}.{room}"
        is_room = known[module].name == "__init__.py"
        yield from _name(f"{name}/{room}", room, box, _purpose(known[module]), hue, is_room)


def _boxes(card: Box, rows: list[list[str]]) -> Iterator[tuple[str, Box]]:
    for level, row in enumerate(rows):
        width = len(row) * (WIDTH + BETWEEN) - BETWEEN
        left = card.x + (card.w - width) / 2
        y = card.y + HEAD + level * (HEIGHT + DOWN)
        for at, name in enumerate(row):
            yield name, Box(left + at * (WIDTH + BETWEEN), y, WIDTH, HEIGHT)


def _arrow(key: str, start: Box, end: Box) -> Shape:
    (x0, _), (x1, _) = start.centre, end.centre
    y0, y1 = start.bottom, end.y
    bend = min((y1 - y0) / 2, 60)
    points = ((x0, y0), (x0, y0 + bend), (x1, y1 - bend), (x1, y1))
    return Path(f"arrow/{key}", points, "muted", line=2, smooth=True, opacity=0.6)


def _name(key: str, name: str, box: Box, purpose: str, hue: str, is_room: bool) -> Iterator[Shape]:
    """A room is filled, a module only has an outline."""
    fill = f"{hue} pale" if is_room else "slot"
    title = f"{name}/" if is_room else f"{name}.py"
    yield Rect(f"name/{key}", box, fill, f"{hue} edge", 2, 10, note=purpose)
    x = box.x + 14
    yield Text(f"name/{key}/title", x, box.y + 30, title, 22, "text", "bold", Anchor.START, box)
    lines = _fitting(purpose, box.w - 26)
    for row, line in enumerate(lines):
        y = box.y + 53 + 19 * row
        yield Text(f"name/{key}/{row}", x, y, line, 15, "text", "text", Anchor.START, box)


def _fitting(purpose: str, width: float) -> list[str]:
    """The whole sentence if there is room for it, else as many of its clauses as there is for."""
    while True:
        lines = break_lines(purpose, width, 15, face("text"))
        shorter = re.split(r"[:;,] (?=[^:;,]*$)", purpose)[0]
        if len(lines) <= LINES or shorter == purpose:
            return lines[:LINES]
        purpose = shorter


def _purpose(path: File) -> str:
    """The first sentence of a file's docstring."""
    told = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    first = " ".join(told.split("\n\n")[0].split()).replace("`", "")
    return re.split(r"\.(?: |$)", first)[0]


def _told(arrows: Mapping[str, Arrows]) -> Iterator[str]:
    """The picture in words."""
    for folder, found in arrows.items():
        yield f"{folder} has {', '.join(sorted(found))}."
