"""Markdown pages as articles of a site: headings to link to, links that lead on, and pictures.

No HTML of a text's own is taken over: what is written is shown, or left out.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from pagereel.errors import InputWrong
from pagereel.storage.incoming import Unreadable, text_of

MOST_BYTES = 2**22
"""Of one text."""
PICTURES = ("png", "svg")
"""What an article may show; a picture's address is that of its file."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, up to the next one."""

    anchor: str
    title: str
    text: str
    """In plain words."""


@dataclass(frozen=True, slots=True)
class Article:
    """One text, ready to stand in a page."""

    title: str
    html: str
    sections: tuple[Section, ...]
    pictures: tuple[str, ...]
    """Those it shows, as paths below the folder that all texts lie in."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a site: where each lies, and where a reader finds it."""

    root: Path
    """The folder that all lie in."""
    addresses: Mapping[str, str]
    """By path below `root`, the address seen from the site's first page."""

    def article(self, path: str, raised: int = 0) -> Article:
        """One of them, with headings `raised` levels lower than written. Raises `InputWrong`."""
        try:
            text = text_of(self.root / path, MOST_BYTES)
        except Unreadable as gone:
            raise InputWrong(gone.of(self.root / path)) from None
        return _article(text, _Place(self, path), raised)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a text stands, to say where its links lead."""

    texts: Texts
    path: str

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.texts.addresses[self.path])

    def named(self, address: str) -> str:
        """The path that a relative address of this text means."""
        given = unquote(address.partition("#")[0])
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.path), given))

    def link(self, address: str) -> str:
        """A link as the site has it; empty where it leads to nothing that is there."""
        if re.match(r"(?i)https?://", address) or address.startswith("#"):
            return address
        target = self.texts.addresses.get(self.named(address))
        if target is None:
            return ""
        _, hash_, anchor = address.partition("#")
        return posixpath.relpath(target, self.folder or ".") + hash_ + anchor

    def picture(self, address: str) -> str:
        """The path of a picture that is there; else empty."""
        path = self.named(address)
        is_ours = path.rpartition(".")[2] in PICTURES and not path.startswith(("/", ".."))
        return path if is_ours and (self.texts.root / path).is_file() else ""


def _article(text: str, place: _Place, raised: int) -> Article:
    reader = MarkdownIt("commonmark").enable("table")
    tokens = reader.parse(text)
    sections = [*_sections(tokens)]
    pictures: list[str] = []
    anchors = iter(sections)
    for token in tokens:
        if token.type == "heading_open":
            token.attrSet("id", next(anchors).anchor)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + raised, 6)}"
        _lead_on(token.children or [], place, pictures)
    html = _Writer(reader).render(tokens, reader.options, {})
    title = sections[0].title if sections else Path(place.path).stem
    return Article(title, html, tuple(sections), tuple(dict.fromkeys(pictures)))


def _lead_on(inline: Sequence[Token], place: _Place, pictures: list[str]) -> None:
    """Give a line's links and pictures the site's addresses; what leads nowhere is plain words."""
    is_hidden = False
    for token in inline:
        if token.type == "link_open":
            address = place.link(str(token.attrGet("href")))
            is_hidden = token.hidden = not address
            token.attrSet("href", address)
        elif token.type == "link_close":
            token.hidden, is_hidden = is_hidden, False
        elif token.type == "image":
            found = place.picture(str(token.attrGet("src")))
            token.attrSet("src", posixpath.relpath(found, place.folder or ".") if found else "")
            token.attrSet("loading", "lazy")
            if found:
                pictures.append(found)
                for name, value in _size(place.texts.root / found).items():
                    token.attrSet(name, value)


def _size(picture: Path) -> dict[str, str]:
    """A picture's width and height, so that nothing jumps when it comes."""
    if picture.suffix == ".svg":
        return {}
    from PIL import Image

    with Image.open(picture) as opened:
        return {"width": str(opened.width), "height": str(opened.height)}


def _sections(tokens: Sequence[Token]) -> Iterator[Section]:
    title, said, used = "", list[str](), dict[str, int]()
    is_heading = False
    for token in tokens:
        if token.type == "heading_open":
            if title:
                yield Section(_anchor(title, used), title, " ".join(said))
            is_heading, said = True, []
        elif token.type == "inline" and is_heading:
            title, is_heading = _plain(token), False
        elif token.type == "inline":
            said.append(_plain(token))
        elif token.type in ("fence", "code_block"):
            said.append(token.content)
    if title:
        yield Section(_anchor(title, used), title, " ".join(said))


def _plain(inline: Token) -> str:
    words = (
        " " if token.type in ("softbreak", "hardbreak") else token.content
        for token in inline.children or []
        if token.type != "html_inline"
    )
    return "".join(words)


def _anchor(title: str, used: dict[str, int]) -> str:
    """What a heading is linked to by, as code hosts make it."""
    word = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    times = used[word] = used.get(word, -1) + 1
    return f"{word}-{times}" if times else word


class _Writer(RendererHTML):
    """Writes our HTML, and none of the text's own."""

    def html_block(self, *_: object) -> str:
        """Nothing."""
        return ""

    def html_inline(self, *_: object) -> str:
        """Nothing."""
        return ""

    def fence(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        """Code that can be scrolled with keys."""
        return _code(tokens[idx].content)

    def code_block(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        """Likewise."""
        return _code(tokens[idx].content)

    def table_open(self, *_: object) -> str:
        """A table that scrolls where it is too wide, with keys as well."""
        return '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>\n'

    def table_close(self, *_: object) -> str:
        """Its end."""
        return "</table></div>\n"


def _code(text: str) -> str:
    return f'<pre tabindex="0"><code>{escape(text, quote=False)}</code></pre>\n'


def texts_of(docs: Path, stories: Sequence[str]) -> Texts:
    """The Markdown below a folder `docs`, and the guide to storyboards beside it.

    What `concepts/` says of a storyboard of the site stands on that storyboard's page.
    """
    root = docs.parent
    files = [*sorted(docs.rglob("*.md")), root / "storyboards/README.md"]
    paths = [Path(os.path.relpath(file, root)).as_posix() for file in files if file.is_file()]
    return Texts(root, {path: _address(path, stories) for path in paths})


def _address(path: str, stories: Sequence[str]) -> str:
    folder, _, name = path.removesuffix(".md").rpartition("/")
    if folder == CONCEPTS and name in stories:
        return f"{name}/index.html"
    return f"{folder}/{'index' if name == 'README' else name}.html"


CONCEPTS = "docs/concepts"
"""Where a text for each storyboard is, under its name."""
