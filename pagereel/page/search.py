"""What the site's search looks through: every beat and every section of every text, in one page.

The words travel in the page itself, so that a search asks for nothing, from a file as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pagereel.page.answer import as_json
from pagereel.page.articles import Article

SEARCH = "search.html"


@dataclass(frozen=True, slots=True)
class Findable:
    """A place in the site."""

    address: str
    """Seen from the site's first page."""
    page: str
    """The title of the page that it is on."""
    title: str
    text: str


def beats_of(story: Mapping[str, Any], address: str) -> tuple[Findable, ...]:
    """A story's beats, with all that is said in each."""
    return tuple(
        Findable(f"{address}#beat={i}", story["title"], beat["title"], " ".join(_said(beat)))
        for i, beat in enumerate(story["beats"], 1)
    )


def _said(beat: Mapping[str, Any]) -> dict[str, None]:
    asked = [beat["question"]["ask"]] if "question" in beat else []
    return dict.fromkeys([*asked, *(step["say"] for step in beat["steps"] if step["say"])])


def sections_of(article: Article, address: str) -> tuple[Findable, ...]:
    """The sections of a text."""
    return tuple(
        Findable(f"{address}#{section.anchor}", article.title, section.title, section.text)
        for section in article.sections
    )


def search_main(places: Iterable[Findable]) -> str:
    """The `main` of the page that finds them."""
    rows = [[place.address, place.page, place.title, place.text] for place in places]
    index = as_json(rows).replace("<", "\\u003c")
    return (
        '<main class="words search">\n<h1>Search</h1>\n'
        '<label>Words to look for, in every beat and every text<input type="search" id="words" '
        'autocomplete="off" spellcheck="false"></label>\n'
        '<p id="count" role="status"></p>\n<ol id="found"></ol>\n'
        "<noscript><p>The search needs a browser that runs scripts. "
        "Its own Find looks through one page.</p></noscript>\n"
        f'<script type="application/json" id="places">{index}</script>\n</main>'
    )
