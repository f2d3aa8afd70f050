"""A course as a site: every storyboard's page beside what is said of it, all other texts, a search.

Stories are baked side by side, each in a process; the fonts of all pages are cut once.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import unescape
from itertools import pairwise
from pathlib import Path, PurePosixPath

from pagereel.page import built
from pagereel.page.articles import CONCEPTS, Article, Texts
from pagereel.page.document import (
    SCRIPT,
    SHEET,
    Link,
    PageParts,
    Still,
    Way,
    card,
    page_body,
    still_page,
    style,
    whole_page,
)
from pagereel.page.films import Film, film_of
from pagereel.page.notices import notices
from pagereel.page.poster import poster
from pagereel.page.publish import ENGINE, INDEX, NOTICES, characters, story_of, write_texts
from pagereel.page.search import SEARCH, Findable, beats_of, search_main, sections_of
from pagereel.read.document.intake import take
from pagereel.render.plan import Source
from pagereel.render.svg_pens import font_rules
from pagereel.render.workers import processes
from pagereel.scenes.shapes.typeface import visible
from pagereel.scenes.svg import AS_MEASURED
from pagereel.storage.outgoing import publishing

COURSE = "The course"
ABOUT = "Step through each of them, forward and back. Most can be changed, too."
ANCHOR = "in-words"
"""Where the text stands on a story's page."""
MENU = (("docs/README.md", "Documents"), ("docs/faq.md", "Questions"))
"""Texts that every still page leads to, where they are there."""
FACES = ("text", "bold", "mono")


@dataclass(frozen=True)
class Site:
    """What a site is made of."""

    sources: Sequence[Source]
    engine: built.PageEngine | None = None
    texts: Texts = field(default_factory=lambda: Texts(Path(), {}))
    films: Path = Path("output")
    """Where `pagereel render` has put its videos."""

    @cached_property
    def concepts(self) -> dict[str, Article]:
        """By a story's name what is said of it, below its page's own headline."""
        paths = {name: f"{CONCEPTS}/{name}.md" for name in self.names}
        known = {name: path for name, path in paths.items() if path in self.texts.addresses}
        return {name: self.texts.article(path, raised=1) for name, path in known.items()}

    @cached_property
    def articles(self) -> dict[str, Article]:
        """All other texts, by address."""
        taken = {f"{name}/{INDEX}" for name in self.concepts}
        known = self.texts.addresses.items()
        return {
            address: self.texts.article(path) for path, address in known if address not in taken
        }

    @property
    def names(self) -> list[str]:
        """The stories', in order."""
        return [source.storyboard.name for source in self.sources]

    def menu(self, here: str) -> tuple[Link, ...]:
        """Where a still page at an address leads."""
        texts = [(self.texts.addresses.get(path, ""), title) for path, title in MENU]
        known = [(INDEX, COURSE), *((a, title) for a, title in texts if a), (SEARCH, "Search")]
        up = _up(here)
        return tuple(Link("" if a == here else up + a, title) for a, title in known)


def _up(address: str) -> str:
    """The way from a page to the first one's folder."""
    return "../" * (len(PurePosixPath(address).parts) - 1)


def write_site(site: Site, folder: Path, jobs: int) -> Iterator[Path]:
    """Write every storyboard's page into a folder of its name, then all other pages.

    `jobs` processes bake; 1 is this one. Each path is told when it is there. Raises `InputWrong`,
    `MachineFailed`, and `BrokenProcessPool` when a process is ended from outside.
    """
    player, script = built.player(), built.site()
    films = {source.storyboard.name: film_of(source, site.films) for source in site.sources}
    told = _bake_all([*_wanted(site, player, films)], jobs)
    stills = {address: _text_page(site, address, text) for address, text in site.articles.items()}
    stills[INDEX] = _index(site, told)
    stills[SEARCH] = _search(site, told)
    words = "".join([*(text.html for text in site.concepts.values()), *_words(stills.values())])
    fonts = font_rules(_together([*(one.used for one in told), {face: {*words} for face in FACES}]))
    for source, one in zip(site.sources, told, strict=True):
        name = source.storyboard.name
        film = films[name]
        texts = {INDEX: whole_page(*one.head, PageParts(player, fonts), one.body)}
        with publishing(folder / name, source.inputs) as workshop:
            write_texts(workshop, {**texts, NOTICES: notices()})
            for file in film.files if film else ():
                shutil.copyfile(file, workshop / file.name)
        yield folder / name / INDEX
    shared = {SHEET: f"{fonts}{AS_MEASURED}\n{style()}", SCRIPT: script, NOTICES: notices()}
    yield from _write_still(site, folder, stills, shared)


def _write_still(
    site: Site, folder: Path, stills: Mapping[str, Still], shared: Mapping[str, str]
) -> Iterator[Path]:
    """Write all that plays nothing, a folder at a time, and the first page last."""
    texts = {address: still_page(still) for address, still in stills.items()}
    texts |= shared
    articles = [*site.concepts.values(), *site.articles.values()]
    pictures = {picture for article in articles for picture in article.pictures}
    inputs = [path for source in site.sources for path in source.inputs]
    inputs += [site.texts.root / path for path in (*site.texts.addresses, *pictures)]
    places = {str(PurePosixPath(name).parent) for name in (*texts, *pictures)}
    for place in sorted(places, reverse=True):  # the first page's folder, ".", is the last
        with publishing(folder / place, inputs) as workshop:
            here = {PurePosixPath(a).name: text for a, text in texts.items() if _lies(a, place)}
            write_texts(workshop, here)
            for picture in (picture for picture in pictures if _lies(picture, place)):
                shutil.copyfile(site.texts.root / picture, workshop / PurePosixPath(picture).name)
            if site.engine and place == ".":
                site.engine.write(workshop)
        yield from sorted(
            (folder / place / name for name in here if name.endswith(".html")),
            key=lambda path: path.name == INDEX,
        )


def _lies(address: str, place: str) -> bool:
    return str(PurePosixPath(address).parent) == place


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A story to be baked, and what stands around it."""

    source: Source
    parts: PageParts
    """Without fonts: they are cut when all that pages say is known."""


@dataclass(frozen=True, slots=True)
class _Baked:
    """A story's page, but for its fonts."""

    head: tuple[str, str]
    """Title and subject."""
    body: str
    used: dict[str, set[str]]
    """By face, the characters it shows."""
    beats: tuple[Findable, ...]
    poster: str


def _bake(wanted: _Wanted) -> _Baked:
    source, story = wanted.source, story_of(wanted.source)
    drawn, used = poster(source.timeline)
    return _Baked(
        (story["title"], story["about"]),
        page_body(story, take(source.path).text, wanted.parts),
        _together([characters([story]), used]),
        beats_of(story, f"{source.storyboard.name}/{INDEX}"),
        drawn,
    )


def _bake_all(wanted: Sequence[_Wanted], jobs: int) -> list[_Baked]:
    """All of them, in order; what takes longest is begun first."""
    if min(jobs, len(wanted)) == 1:
        return [_bake(one) for one in wanted]
    order = sorted(range(len(wanted)), key=lambda i: -_steps(wanted[i].source))
    with processes(min(jobs, len(wanted))) as pool:
        begun = {i: pool.submit(_bake, wanted[i]) for i in order}
        return [begun[i].result() for i in range(len(wanted))]


def _steps(source: Source) -> int:
    return sum(len(beat.steps) for beat in source.timeline.beats)


def _wanted(site: Site, player: str, films: Mapping[str, Film | None]) -> Iterator[_Wanted]:
    ways = [Way(Link(f"../{INDEX}", COURSE)) for _ in site.sources]
    links = [Link(f"../{_link(source).address}", _link(source).text) for source in site.sources]
    for i, (before, after) in enumerate(pairwise(links)):
        ways[i] = replace(ways[i], following=after)
        ways[i + 1] = replace(ways[i + 1], previous=before)
    engine = f"../{ENGINE}" if site.engine else ""
    for source, way in zip(site.sources, ways, strict=True):
        name = source.storyboard.name
        text, film = site.concepts.get(name), films[name]
        told = (film.html if film else "") + (text.html if text else "")
        below = f'<article class="words" id="{ANCHOR}">\n{told}</article>\n' if told else ""
        further = [Link(f"#{ANCHOR}", "In words")] if told else []
        if source.storyboard.variants:  # who plays with the model may ask what was measured
            further += _measured(site)
        way = replace(way, further=(*further, Link(f"../{SEARCH}", "Search")))
        yield _Wanted(source, PageParts(player, "", engine, way, below))


def _measured(site: Site) -> list[Link]:
    """Where the first measured chart of the course is; nothing without one."""
    charted = (
        (source, number)
        for source in site.sources
        for number, beat in enumerate(source.storyboard.beats, 1)
        if beat.charts
    )
    found = next(charted, None)
    return [Link(f"../{_link(found[0]).address}#beat={found[1]}", "Measured")] if found else []


def _link(source: Source) -> Link:
    return Link(f"{source.storyboard.name}/{INDEX}", visible(source.storyboard.title))


def _index(site: Site, told: Iterable[_Baked]) -> Still:
    """The page that leads to all others, with a poster of each."""
    cards = []
    for source, one in zip(site.sources, told, strict=True):
        name = source.storyboard.name
        place = name.partition("-")[0] if name[:1].isdigit() else ""
        cards.append(f"<li>{card(_link(source), place, one.head[1], one.poster)}</li>\n")
    head = f"<h1>{COURSE}</h1>\n<p>{ABOUT}</p>"
    main = f'<main class="course">\n{head}\n<ol>\n{"".join(cards)}</ol>\n</main>'
    return Still(COURSE, ABOUT, main, site.menu(INDEX))


def _text_page(site: Site, address: str, text: Article) -> Still:
    main = f'<main class="words">\n{text.html}</main>'
    return Still(text.title, text.title, main, site.menu(address), _up(address))


def _search(site: Site, told: Iterable[_Baked]) -> Still:
    places = [place for one in told for place in one.beats]
    for name, text in site.concepts.items():
        places += sections_of(text, f"{name}/{INDEX}")
    for address, text in site.articles.items():
        places += sections_of(text, address)
    return Still("Search", f"Search {COURSE.lower()}", search_main(places), site.menu(SEARCH))


def _words(stills: Iterable[Still]) -> Iterator[str]:
    return (unescape(still.main) for still in stills)


def _together(used: Iterable[Mapping[str, set[str]]]) -> dict[str, set[str]]:
    """All characters of all, by face."""
    found: dict[str, set[str]] = {}
    for one in used:
        for face, letters in one.items():
            found.setdefault(face, set()).update(letters)
    return found
