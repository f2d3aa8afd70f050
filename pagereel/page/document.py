"""The text of a page: one HTML file that asks for nothing but itself and, at an edit, its engine.

What comes from a storyboard is data or escaped text; the only script that may run inline is the
player, by its digest. Nothing is fetched: a content security policy says so to the browser.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
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


def page(story: Mapping[str, Any], text: str, parts: PageParts) -> str:
    """A page that plays `story`, the bake of the storyboard `text`."""
    engine = f' engine="{escape(parts.engine)}"' if parts.engine and story["editable"] else ""
    player = f"<{PLAYER}{engine}></{PLAYER}>"
    main = f"<main>\n{player}\n{_without_script(story)}\n</main>"
    data = as_json(packed(story)).replace("<", "\\u003c")
    return _document(
        story["title"],
        story["about"],
        parts,
        f"{_way(parts.way)}{main}\n{NOTICES}\n"
        f'<pre id="yaml" hidden>\n{plain(text)}</pre>\n'
        f'<script type="application/json" id="story">{data}</script>\n'
        f"<script>{_inline(parts.player)}</script>\n",
    )


def index(title: str, about: str, cards: Iterable[str], fonts: str) -> str:
    """The page of a course that leads to all others; `cards` are the list's items, as HTML."""
    listed = "\n".join(f"<li>{card}</li>" for card in cards)
    head = f"<h1>{plain(title)}</h1>\n<p>{plain(about)}</p>"
    body = f'<main class="course">\n{head}\n<ol>\n{listed}\n</ol>\n</main>\n{NOTICES}\n'
    return _document(title, about, PageParts("", fonts), body)


def card(link: Link, number: str, about: str, poster: str) -> str:
    """One page in the list of all: its poster, an SVG of our own making, title and subject."""
    return (
        f'<a href="{escape(link.address)}">{poster}'
        f"<b>{plain(number)} {plain(link.text)}</b></a><p>{plain(about)}</p>"
    )


def _document(title: str, about: str, parts: PageParts, body: str) -> str:
    return (
        "<!doctype html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(parts.player)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="dark light">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{plain(title)}</title>\n"
        f'<meta name="description" content="{plain(about)}">\n'
        f"<style>{parts.fonts}{AS_MEASURED}\n{STYLE}</style>\n"
        f"</head>\n<body>\n{body}</body>\n</html>\n"
    )


def policy(player: str) -> str:
    """What the browser may do for a page with this script: run it, the engine, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_inline(player).encode()).digest()).decode()
    scripts = f"'sha256-{digest}' 'self' 'wasm-unsafe-eval' blob: data:"
    rules = {
        "default-src": "'none'",
        "script-src": scripts if player else "'none'",
        "worker-src": "blob: data:" if player else "'none'",
        "style-src": "'unsafe-inline'",
        "font-src": "data:",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _inline(script: str) -> str:
    """A script as it can stand inside a page: nothing in it ends its element."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _way(way: Way) -> str:
    """Links to the pages around this one; where it is narrow, those beside it are arrows."""
    named = (("prev", way.previous), ("up", way.course), ("next", way.following))
    links = [_link(rel, link) for rel, link in named if link is not None]
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


def _colours(theme: Theme) -> str:
    """A theme's colours as properties of a style sheet."""
    return (
        f"--ground:{theme.background};--text:{theme.text};--muted:{theme.muted};"
        f"--edge:{theme.edge};--link:{theme.accent}"
    )


_LIGHT, _DARK = _colours(THEMES["light"]), _colours(THEMES["dark"])
STYLE = f":root{{color-scheme:dark light;{_DARK}}}" + (
    f"@media (prefers-color-scheme:light){{:root{{{_LIGHT}}}}}"
    """
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--text);\
font:17px/1.5 pagereel-text,system-ui,sans-serif}
a{color:var(--link)}
a:focus-visible{outline:3px solid var(--link);outline-offset:2px}
b,h1,h2{font-family:pagereel-bold,system-ui,sans-serif;font-weight:700}
nav.way{display:flex;justify-content:space-between;gap:16px;padding:0 16px;min-height:44px;\
align-items:center;font-size:15px}
nav.way a{padding:10px 0;text-decoration:none;white-space:nowrap}
nav.way a:not([rel=up]){flex:1}
nav.way a[rel=next]{text-align:right}
@media (max-width:640px){nav.way span{display:none}}
nav.way~main{--pagereel-height:calc(100dvh - 44px)}
footer.notices{padding:12px 16px;color:var(--muted);font-size:14px}
main.course{max-width:1200px;margin:0 auto;padding:16px}
main.course>ol{list-style:none;margin:24px 0;padding:0;display:grid;gap:24px;\
grid-template-columns:repeat(auto-fill,minmax(min(100%,320px),1fr))}
main.course li p{margin:4px 0 0;color:var(--muted);font-size:15px}
main.course li a{display:block;text-decoration:none;color:var(--text)}
main.course svg{display:block;width:100%;height:auto;aspect-ratio:16/9;\
border:1px solid var(--edge);border-radius:8px;margin-bottom:8px}
"""
)
"""Of what stands around the player, and of the course's first page."""
