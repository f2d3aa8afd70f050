"""A storyboard's page on the disk, and what goes into every page."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pagereel.page import built
from pagereel.page.difference import Side, difference
from pagereel.page.document import PageParts, difference_page, page
from pagereel.page.formulas import outlines
from pagereel.page.notices import notices
from pagereel.read.document.intake import take
from pagereel.render.plan import Source
from pagereel.render.svg_pens import font_rules
from pagereel.scenes.page.bake import bake
from pagereel.storage.outgoing import publishing

TYPED = (
    string.ascii_letters + string.digits + string.punctuation + " ’“”–—…·×−≤≥→←⋯\N{NO-BREAK SPACE}"
)
"""What a reader may type or a panel say: in the fonts of every page."""
INDEX, ENGINE, NOTICES = "index.html", "engine.js", "NOTICES.txt"


def write_page(source: Source, engine: built.PageEngine | None, folder: Path) -> list[Path]:
    """Write index.html, and the engine if there is one, into `folder`. Raises `MachineFailed`."""
    texts = {INDEX: page_text(source, ENGINE if engine else "")}
    with publishing(folder, source.inputs) as workshop:
        files = [*write_texts(workshop, texts), *_write_shared(workshop, engine)]
    return [folder / name for name in files]


def page_text(source: Source, engine: str = "") -> str:
    """The page as one document; `engine` says where its engine is. Raises `MachineFailed`."""
    player, story = built.player(), story_of(source)
    parts = PageParts(player, font_rules(characters([story])), engine)
    return page(story, take(source.path).text, parts)


def write_difference(left: Side, right: Side, folder: Path) -> list[Path]:
    """Write the page of two stories side by side into `folder`. Raises `MachineFailed`."""
    script, told = built.difference(), difference(left, right)
    fonts = font_rules(characters(side["story"] for side in told["sides"]))
    text = difference_page(told, script, fonts)
    with publishing(folder, [left.path, right.path]) as workshop:
        files = write_texts(workshop, {INDEX: text, NOTICES: notices()})
    return [folder / name for name in files]


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


def write_texts(folder: Path, texts: Mapping[str, str]) -> list[str]:
    """Write texts by name; the names."""
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [*texts]


def _write_shared(workshop: Path, engine: built.PageEngine | None) -> list[str]:
    written = write_texts(workshop, {NOTICES: notices()})
    if engine:
        written += engine.write(workshop)
    return written
