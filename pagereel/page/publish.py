"""Pages on the disk: a storyboard as a folder, or a course as a site of such folders."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from pagereel.model.storyboard.timeline import Timeline
from pagereel.model.usage.occupancy import split
from pagereel.page import built
from pagereel.page.document import Link, PageParts, Way, card, index, page
from pagereel.page.formulas import outlines
from pagereel.page.notices import notices
from pagereel.read.document.intake import take
from pagereel.render.plan import Source
from pagereel.render.svg_pens import font_rules, outlined
from pagereel.scenes.page.bake import SCREENS, bake, bare
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.extents import around, extent
from pagereel.scenes.shapes.picture import Picture, Text
from pagereel.scenes.shapes.typeface import visible
from pagereel.scenes.style import THEMES, paint
from pagereel.scenes.svg import Pen, number, svg
from pagereel.storage.outgoing import publishing

TYPED = (
    string.ascii_letters + string.digits + string.punctuation + " ’“”–—…·×−≤≥→←⋯\N{NO-BREAK SPACE}"
)
"""What a reader may type or a panel say: in the fonts of every page."""
INDEX, ENGINE, NOTICES = "index.html", "engine.js", "NOTICES.txt"


def write_page(source: Source, engine: built.PageEngine | None, folder: Path) -> list[Path]:
    """Write index.html, and the engine if there is one, into `folder`. Raises `MachineFailed`."""
    player, story = built.player(), story_of(source)
    fonts = font_rules(characters([story]))
    document = page(story, take(source.path).text, PageParts(player, fonts, _engine(engine)))
    with publishing(folder, source.inputs) as workshop:
        files = [*_write(workshop, {INDEX: document}), *_write_shared(workshop, engine)]
    return [folder / name for name in files]


def write_site(
    sources: Sequence[Source], engine: built.PageEngine | None, folder: Path
) -> Iterator[Path]:
    """Write every storyboard's page into a folder of its name, then the page that leads to them.

    Each path is told when it is there. Raises `MachineFailed`.
    """
    player, links = built.player(), [_link(source) for source in sources]
    stories = [story_of(source) for source in sources]
    fonts = font_rules(characters(stories))
    ways = [Way(Link(f"../{INDEX}", "The course")) for _ in sources]
    for i, (before, after) in enumerate(pairwise(links)):
        ways[i] = replace(ways[i], following=_beside(after))
        ways[i + 1] = replace(ways[i + 1], previous=_beside(before))
    for source, story, way in zip(sources, stories, ways, strict=True):
        target = folder / source.storyboard.name
        parts = PageParts(player, fonts, _engine(engine, "../"), way)
        document = page(story, take(source.path).text, parts)
        with publishing(target, source.inputs) as workshop:
            _write(workshop, {INDEX: document, NOTICES: notices()})
        yield target / INDEX
    inputs = [path for source in sources for path in source.inputs]
    with publishing(folder, inputs) as workshop:
        _write(workshop, {INDEX: index_of(sources, links)})
        _write_shared(workshop, engine)
    yield folder / INDEX


def _engine(engine: built.PageEngine | None, up: str = "") -> str:
    """Where a page finds the engine; empty if there is none."""
    return f"{up}{ENGINE}" if engine else ""


def story_of(source: Source) -> dict[str, Any]:
    """What a page is given of a storyboard: its bake, with outlines and the overrides."""
    story = bake(source.timeline, outlines=outlines([source.storyboard.geometry]))
    return story | ({"set": list(source.overrides)} if source.overrides else {})


def characters(stories: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """By face, all that pages of these stories show, and what may be typed into them.

    Pages of a site have the same fonts: they are cut once.
    """
    used: dict[str, set[str]] = {face: set(TYPED) for face in ("text", "bold", "mono")}
    for story in stories:
        for row in (row for canvas in story["canvases"].values() for row in canvas["rows"]):
            if "t" in row:
                used.setdefault(row.get("e", "text"), set()).update(row["t"])
        for beat in story["beats"]:
            used["text"].update(*(step["say"] for step in beat["steps"]))
            used["bold"].update(beat["title"])
        used["bold"].update(story["title"])
    return used


def index_of(sources: Sequence[Source], links: Sequence[Link]) -> str:
    """The page that leads to all others, with a poster of each."""
    used: dict[str, set[str]] = {face: set(TYPED) for face in ("text", "bold")}
    cards = []
    for source, link in zip(sources, links, strict=True):
        cover = _cover(source.timeline)
        for shape in cover.shapes:
            if isinstance(shape, Text):
                used.setdefault(shape.face, set()).update(shape.text)
        name, about = source.storyboard.name, visible(source.storyboard.about)
        place = name.partition("-")[0] if name[:1].isdigit() else ""
        cards.append(card(link, place, about, _poster(cover)))
    told = "Step through each of them, forward and back. Most can be changed, too."
    return index("The course", told, cards, font_rules(used))


def _cover(timeline: Timeline) -> Picture:
    """What the author's poster shows; without one, of the beats that end with lanes and a small
    picture that in which most is stored; else the first."""
    if timeline.storyboard.poster:
        return bare(compose_beat(timeline, timeline.storyboard.poster, SCREENS["16:9"])[-1])
    ends = [compose_beat(timeline, i, SCREENS["16:9"])[-1] for i in range(len(timeline.beats))]
    lanes = [
        (sum(split(lane.state).stored for lane in beat.end.lanes), i)
        for i, beat in enumerate(timeline.beats)
        if beat.shots[-1].shot.card == "lanes" and len(ends[i].shapes) <= MOST_SHAPES
    ]
    return bare(ends[max(lanes)[1]] if lanes else ends[0])


def _poster(cover: Picture) -> str:
    """What is drawn, without the empty margins around it, as SVG."""
    box = around([extent(shape) for shape in cover.shapes if shape.opacity > 0]).inset(-MARGIN)
    height = max(box.h, box.w * 9 / 16)
    view = f"{number(box.x)} {number(box.centre[1] - height / 2)} {number(box.w)} {number(height)}"
    drawn = svg(paint(replace(cover, alt=""), THEMES["dark"]), _PEN)
    return re.sub(
        r'<svg xmlns="[^"]*" viewBox="[^"]*" width="\d+" height="\d+" role="img">',
        f'<svg aria-hidden="true" style="background:{THEMES["dark"].background}" viewBox="{view}">',
        drawn,
        count=1,
    )


MOST_SHAPES, MARGIN = 600, 24
"""Of a poster; and pixels around it."""
_PEN = Pen(formula=outlined, style="")
"""The page has a style sheet for all of them."""


def _link(source: Source) -> Link:
    return Link(f"{source.storyboard.name}/{INDEX}", visible(source.storyboard.title))


def _beside(link: Link) -> Link:
    """The same page, seen from one beside it."""
    return Link(f"../{link.address}", link.text)


def _write(workshop: Path, texts: Mapping[str, str]) -> list[str]:
    for name, text in texts.items():
        (workshop / name).write_text(text, encoding="utf-8", newline="\n")
    return [*texts]


def _write_shared(workshop: Path, engine: built.PageEngine | None) -> list[str]:
    written = _write(workshop, {NOTICES: notices()})
    if engine:
        (workshop / ENGINE).write_bytes(engine.data)
        written.append(ENGINE)
    return written
