"""The text of a page: one HTML file that asks for nothing but itself and, at an edit, its engine.

What comes from a storyboard is data or escaped text; the only script that may run inline is the
player, by its digest. Nothing is fetched: a content security policy says so to the browser.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from pagereel.page.answer import as_json
from pagereel.scenes.page.packing import packed
from pagereel.scenes.style import THEMES, Theme
from pagereel.scenes.svg import AS_MEASURED, plain

PLAYER = "pagereel-player"
"""The custom element."""


@dataclass(frozen=True, slots=True)
class Link:
    """Another page of the same site."""

    address: str
    """Seen from this page."""
    text: str


@dataclass(frozen=True, slots=True)
class Way:
    """Where a page of a site leads."""

    course: Link | None = None
    previous: Link | None = None
    following: Link | None = None
    further: tuple[Link, ...] = ()
    """What else is a step away."""


@dataclass(frozen=True, slots=True)
class PageParts:
    """What a page is made of besides its story."""

    player: str
    """The script that defines the element `PLAYER`."""
    fonts: str
    """Rules of `@font-face`."""
    engine: str = ""
    """Where engine.js is, seen from the page; empty: nothing can be edited."""
    way: Way = Way()
    article: str = ""
    """What is said of the story below it, as HTML; pictures and films lie beside the page."""
    theme: str = ""
    """Its colours, of `THEMES`; empty: those that its reader chose last, or dark ones."""
    driver: str = ""
    """Where a script is that changes the story as its file is saved; empty: nothing does."""


def page(story: Mapping[str, Any], text: str, parts: PageParts) -> str:
    """A page that plays `story`, the bake of the storyboard `text`."""
    return whole_page(story["title"], story["about"], parts, page_body(story, text, parts))


def page_body(story: Mapping[str, Any], text: str, parts: PageParts) -> str:
    """What such a page shows. Its fonts are not in it."""
    engine = f' engine="{escape(parts.engine)}"' if parts.engine and story["editable"] else ""
    theme = f' theme="{parts.theme}"' if parts.theme else ""
    player = f"<{PLAYER}{engine}{theme}></{PLAYER}>"
    main = f"<main>\n{player}\n{_without_script(story)}\n{parts.article}</main>"
    data = as_json(packed(story)).replace("<", "\\u003c")
    return (
        f"{_way(parts.way)}{main}\n{NOTICES}\n"
        f'<pre id="yaml" hidden>\n{plain(text)}</pre>\n'
        f'<script type="application/json" id="story">{data}</script>\n'
        f"<script>{_inline(parts.player)}</script>\n{_driving(parts.driver)}"
    )


def _driving(driver: str) -> str:
    return f'<script src="{driver}"></script>\n' if driver else ""


def waiting_page(title: str, parts: PageParts) -> str:
    """The page of a story that cannot be shown yet: its driver says why."""
    return whole_page(title, "", parts, f"<main></main>\n{_driving(parts.driver)}")


def whole_page(title: str, about: str, parts: PageParts, body: str) -> str:
    """The page around what `page_body` has made."""
    looks = f"<style>{parts.fonts}{AS_MEASURED}\n{style()}</style>\n"
    return _document(title, about, policy(parts), looks, body)


def difference_page(told: Mapping[str, Any], script: str, fonts: str) -> str:
    """The page that shows what `difference` has told of two stories."""
    names = [side["name"] for side in told["sides"]]
    titles = dict.fromkeys(side["story"]["title"] for side in told["sides"])
    title = f"{' and '.join(titles)}: {names[0]} beside {names[1]}"
    sides = [{**side, "story": packed(side["story"])} for side in told["sides"]]
    data = as_json({**told, "sides": sides}).replace("<", "\\u003c")
    body = (
        f"<main>\n<pagereel-diff></pagereel-diff>\n</main>\n{NOTICES}\n"
        f'<script type="application/json" id="difference">{data}</script>\n'
        f"<script>{_inline(script)}</script>\n"
    )
    return whole_page(title, "Two stories in step", PageParts(script, fonts), body)


def card(link: Link, number: str, about: str, poster: str) -> str:
    """One page in the list of all: its poster, an SVG of our own making, title and subject."""
    return (
        f'<a href="{escape(link.address)}">{poster}'
        f"<b>{plain(number)} {plain(link.text)}</b></a><p>{plain(about)}</p>"
    )


@dataclass(frozen=True, slots=True)
class Still:
    """A page of a site that plays nothing."""

    title: str
    about: str
    main: str
    """As HTML, with its `main` element."""
    links: tuple[Link, ...]
    """Above it; one without an address is the page itself."""
    up: str = ""
    """The way from it to the folder that has `SHEET` and `SCRIPT`."""


SHEET, SCRIPT = "site.css", "site.js"
"""What all still pages of a site share."""


def still_page(still: Still) -> str:
    """The text of such a page. Its script chooses colours and searches; it is read without, too."""
    links = "".join(map(_step, still.links))
    looks = f'<link rel="stylesheet" href="{still.up}{SHEET}">\n'
    body = (
        f'<nav class="way still" aria-label="Course">{links}</nav>\n{still.main}\n{NOTICES}\n'
        f'<script src="{still.up}{SCRIPT}"></script>\n'
    )
    return _document(still.title, still.about, policy(PageParts("", "")), looks, body)


def _step(link: Link) -> str:
    address = f' href="{escape(link.address)}"' if link.address else ' aria-current="page" href="#"'
    return f"<a{address}>{plain(link.text)}</a>"


def _document(title: str, about: str, policy: str, looks: str, body: str) -> str:
    return (
        "<!doctype html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="dark light">\n'
        '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">\n'
        f"<title>{plain(title)}</title>\n"
        f'<meta name="description" content="{plain(about)}">\n'
        f"{looks}</head>\n<body>\n{body}</body>\n</html>\n"
    )


def policy(parts: PageParts) -> str:
    """What the browser may do for a page: run its script, use the site's own files, and no more.

    Without a script of its own a page still runs the site's; with a driver it may ask for news.
    """
    player = parts.player
    digest = base64.b64encode(hashlib.sha256(_inline(player).encode()).digest()).decode()
    rules = {
        "default-src": "'none'",
        "script-src": f"'sha256-{digest}' 'self' 'wasm-unsafe-eval' blob: data:"
        if player
        else "'self'",
        "worker-src": "blob: data:" if player else "'none'",
        "style-src": "'self' 'unsafe-inline'",
        "font-src": "data:",
        "img-src": "'self' data:",
        "media-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    if parts.driver:
        rules |= {"connect-src": "'self'", "font-src": "'self'"}
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _inline(script: str) -> str:
    """A script as it can stand inside a page: nothing in it ends its element."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _way(way: Way) -> str:
    """Links to the pages around this one; where it is narrow, those beside it are arrows."""
    named = (("prev", way.previous), ("up", way.course))
    links = [_link(rel, link) for rel, link in named if link is not None]
    links += [_step(link) for link in way.further]
    links += [_link("next", way.following)] if way.following else []
    return f'<nav class="way" aria-label="Course">{"".join(links)}</nav>\n' if links else ""


def _link(rel: str, link: Link) -> str:
    text = plain(link.text)
    shown = {"prev": f"← <span>{text}</span>", "next": f"<span>{text}</span> →"}.get(rel, text)
    return f'<a rel="{rel}" href="{escape(link.address)}" aria-label="{text}">{shown}</a>'


def _without_script(story: Mapping[str, Any]) -> str:
    """The story in words, for a browser that runs no scripts."""
    told = [f"<h1>{plain(story['title'])}</h1>"]
    for beat in story["beats"]:
        said = dict.fromkeys(step["say"] for step in beat["steps"] if step["say"])
        told.append(f"<h2>{plain(beat['title'])}</h2>")
        told += [f"<p>{plain(text)}</p>" for text in said]
    return f"<noscript>{''.join(told)}</noscript>"


NOTICES = (
    '<footer class="notices"><p>Made with pagereel, MIT licence. Fonts: FiraGO and Fira Mono, SIL '
    "Open Font License 1.1. Player: Lit, BSD 3-Clause. Where it can be edited: Pyodide, Mozilla "
    "Public License 2.0. NOTICES.txt beside this page has the texts.</p></footer>"
)


def style() -> str:
    """Of what stands around the player, and of the pages that have none."""
    colours = {name: _colours(theme) for name, theme in THEMES.items()}
    chosen = "".join(f":root[data-theme={name}]{{{told}}}" for name, told in colours.items())
    light = f":root[data-theme=system]{{{colours['light']}}}"
    others = f"@media (prefers-color-scheme:light){{{light}}}"
    others += f"@media print{{:root:root{{{colours['print']}}}}}"
    return f":root{{{colours['dark']}}}{chosen}{others}\n{_AROUND.read_text('utf-8')}"


_AROUND = Path(__file__).with_name("around.css")


def _colours(theme: Theme) -> str:
    """A theme's colours as properties of a style sheet."""
    scheme = "dark" if theme.name == "dark" else "light"
    return (
        f"color-scheme:{scheme};--ground:{theme.background};--card:{theme.card};"
        f"--text:{theme.text};--muted:{theme.muted};--edge:{theme.edge};--link:{theme.accent}"
    )
