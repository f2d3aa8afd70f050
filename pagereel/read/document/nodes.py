"""A YAML document as plain nodes that know their place. No tags, no anchors: those are resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pagereel.read.document.source import Span
from pagereel.words import printable

Path = tuple[str | int, ...]
"""Keys and indices from the top of the document."""


class Sort(StrEnum):
    """What YAML 1.1 takes a scalar for; most YAML tools still do."""

    TEXT = "text"
    NUMBER = "a number"
    TRUTH = "true or false"
    NOTHING = "empty"
    DATE = "a date"


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A single value."""

    span: Span
    text: str
    sort: Sort = Sort.TEXT


@dataclass(frozen=True, slots=True)
class ListNode:
    """A sequence."""

    span: Span
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping; its keys are unique."""

    span: Span
    pairs: tuple[tuple[ScalarNode, Node], ...]

    def get(self, name: str) -> Node | None:
        """The value of a key, if it is there."""
        return next((value for key, value in self.pairs if key.text == name), None)

    def key(self, name: str) -> ScalarNode | None:
        """A key itself, if it is there."""
        return next((key for key, _ in self.pairs if key.text == name), None)

    def names(self) -> Iterator[str]:
        """Its keys, in order."""
        return (key.text for key, _ in self.pairs)


Node = ScalarNode | ListNode | MapNode


class Unfit:
    """Stands for a scalar that no field takes: a date, infinity, a number in another base."""


_WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})", re.ASCII)
_FRACTION = re.compile(r"-?\d{1,15}\.\d{1,15}", re.ASCII)


def plain(node: Node) -> object:
    """The node as Python data, as the schema validates it."""
    match node:
        case ListNode(_, items):
            return [plain(item) for item in items]
        case MapNode(_, pairs):
            return {key.text: plain(value) for key, value in pairs}
    match node.sort:
        case Sort.TEXT:
            return node.text
        case Sort.NUMBER if _WHOLE.fullmatch(node.text):
            return int(node.text)
        case Sort.NUMBER if _FRACTION.fullmatch(node.text):
            return float(node.text)
        case Sort.NOTHING:
            return None
        case Sort.TRUTH:
            return node.text.casefold() in ("yes", "true", "on")
    return Unfit()


def describe(node: Node) -> str:
    """What the author wrote, for a message: "a list", "true or false (`no`)"."""
    match node:
        case ListNode():
            return "a list"
        case MapNode():
            return "a mapping"
        case ScalarNode(sort=Sort.NOTHING):
            return "empty"
    return f"{node.sort.value} (`{printable(node.text, 30)}`)"


def span_at(root: Node, path: Path) -> Span:
    """The place of the value at a path; of the nearest value above it if it is not there."""
    return nearest(root, path)[0].span


def key_span(root: Node, path: Path) -> Span:
    """The place of the key at the end of a path; of its value where there is no key."""
    owner, rest = nearest(root, path[:-1])
    key = owner.key(str(path[-1])) if isinstance(owner, MapNode) and not rest else None
    return key.span if key else span_at(root, path)


def nearest(root: Node, path: Path) -> tuple[Node, Path]:
    """The deepest node along a path, and what of the path is not there."""
    node = root
    for depth, part in enumerate(path):
        below = child(node, part)
        if below is None:
            return node, path[depth:]
        node = below
    return node, ()


def child(node: Node, part: str | int) -> Node | None:
    """The value under one key or index, if it is there."""
    if isinstance(node, MapNode):
        return node.get(str(part))
    if isinstance(node, ListNode) and isinstance(part, int) and 0 <= part < len(node.items):
        return node.items[part]
    return None


def without(node: Node, path: Path) -> Node:
    """The same tree without the value at a path (and its key)."""
    return _replaced(node, path, None)


def replaced(node: Node, path: Path, value: Node) -> Node:
    """The same tree with another value at a path whose owner is there."""
    return _replaced(node, path, value)


def _replaced(node: Node, path: Path, value: Node | None) -> Node:
    part, rest = path[0], path[1:]
    old = child(node, part)
    new = value if not rest or old is None else _replaced(old, rest, value)
    if isinstance(node, ListNode) and isinstance(part, int):
        kept = () if new is None else (new,)
        return ListNode(node.span, (*node.items[:part], *kept, *node.items[part + 1 :]))
    assert isinstance(node, MapNode), f"nothing to replace at {path}"
    if old is None and new is not None:
        return MapNode(node.span, (*node.pairs, (ScalarNode(node.span, str(part)), new)))
    pairs = ((key, new if key.text == part else below) for key, below in node.pairs)
    return MapNode(node.span, tuple((key, below) for key, below in pairs if below is not None))
