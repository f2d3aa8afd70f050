"""What is built once and packed into a wheel: scripts, and the engine that edits a page.

None is in the repository: `make page` builds all. The engine says from which sources it was
made; one that was made from others is refused, for it would compute something else than the page.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pagereel
from pagereel.errors import MachineFailed
from pagereel.storage.incoming import Unreadable, bytes_of

STATIC = Path(__file__).parent / "static"
PLAYER, SITE, PREVIEW, DIFFERENCE, EDITOR, ENGINE = (
    STATIC / f"{name}.js" for name in ("player", "site", "preview", "diff", "editor", "engine")
)
ROOTS = ("pagereel.page.answer",)
"""What the engine runs; with all that these import, that is what it is made from."""
DATA = (
    *(f"scenes/shapes/faces/{name}.json" for name in ("bold", "fallback", "mono", "text")),
    "read/starter.yaml",
    "storyboards/recordings/toy-attention.json",
)
"""What these read besides, inside the package."""
HEAD = re.compile(rb"// pagereel engine, sources ([0-9a-f]{64})\n")
"""How an engine begins."""
MOST_BYTES = 64 * 2**20
REMEDY = "`make page` builds it (in a checkout; wheels bring it along)"
_PACKAGE = Path(pagereel.__file__).parent


def player() -> str:
    """The script of the player. Raises `MachineFailed` where it has not been built."""
    return _script(PLAYER)


def site() -> str:
    """The script of a site's pages that play nothing. Raises `MachineFailed` likewise."""
    return _script(SITE)


def difference() -> str:
    """The script that shows two stories side by side. Raises `MachineFailed` likewise."""
    return _script(DIFFERENCE)


def _script(path: Path) -> str:
    try:
        return bytes_of(path, MOST_BYTES).decode("utf-8")
    except Unreadable:
        raise MachineFailed(f"the page's {path.name} is not built: {REMEDY}") from None


@dataclass(frozen=True, slots=True)
class PageEngine:
    """engine.js, made from the sources that are here, and the editor of storyboards beside it."""

    data: bytes
    editor: str

    def write(self, folder: Path) -> list[str]:
        """Write both into a folder; their names."""
        (folder / ENGINE.name).write_bytes(self.data)
        (folder / EDITOR.name).write_text(self.editor, encoding="utf-8", newline="\n")
        return [ENGINE.name, EDITOR.name]


def engine() -> PageEngine | None:
    """The engine; None where none has been built. Raises `MachineFailed` for a stale one."""
    if not ENGINE.exists():
        return None
    try:
        data = bytes_of(ENGINE, MOST_BYTES)
    except Unreadable as gone:
        raise MachineFailed(gone.of(ENGINE)) from None
    head = HEAD.match(data)
    if head is None or head[1].decode() != sources_digest():
        raise MachineFailed(
            f"{ENGINE.name} was made from other sources than these: {REMEDY}; "
            "--no-edit writes a page without it"
        )
    return PageEngine(data, _script(EDITOR))


def sources_digest() -> str:
    """Of all that the engine runs and reads of ours, by content and name."""
    whole = hashlib.sha256()
    for name, path in sorted({**sources(), **data()}.items()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{name} {content}\n".encode())
    return whole.hexdigest()


def data() -> dict[str, Path]:
    """The files that the engine's modules read, by their places in the package."""
    return {name: _PACKAGE / name for name in DATA}


def sources() -> dict[str, Path]:
    """The modules that the engine is made from, by name, in the checkout or where it is installed.

    What a module imports only inside a function is for stories with files of their own, which no
    page can edit: it is left out.
    """
    found: dict[str, Path] = {}
    asked = [*ROOTS]
    while asked:
        name = asked.pop()
        path = _file(name)
        if name in found or path is None:
            continue
        found[name] = path
        asked += [*_imported(path), *_parents(name)]
    return found


def _file(name: str) -> Path | None:
    """Where a module of ours is; None for one that is not ours, or no module."""
    first, *rest = name.split(".")
    if first != "pagereel":
        return None
    stem = _PACKAGE.joinpath(*rest)
    for path in (stem / "__init__.py", stem.with_name(f"{stem.name}.py")):
        if path.is_file():
            return path
    return None


def _imported(path: Path) -> Iterator[str]:
    for node in _at_once(ast.parse(path.read_bytes()).body):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _at_once(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported."""
    for node in body:
        yield node
        if isinstance(node, ast.Try):
            yield from _at_once(node.body)
            yield from (one for handler in node.handlers for one in _at_once(handler.body))


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name
