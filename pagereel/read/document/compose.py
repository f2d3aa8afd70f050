"""YAML text becomes nodes, from the parser's events: no tags, no objects, and limits on all.

Works without recursion, so that neither deep nesting nor aliases of aliases can hurt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml
from yaml.resolver import Resolver

from pagereel.read.document.nodes import ListNode, MapNode, Node, ScalarNode, Sort
from pagereel.read.document.problem import Problem, StoryboardProblems
from pagereel.read.document.source import NamedText, Span
from pagereel.words import printable

_CORE = "tag:yaml.org,2002:"
_SORTS = {
    "str": Sort.TEXT,
    "int": Sort.NUMBER,
    "float": Sort.NUMBER,
    "bool": Sort.TRUTH,
    "null": Sort.NOTHING,
    "timestamp": Sort.DATE,
}
CORE_TAGS = frozenset({"!", _CORE + "seq", _CORE + "map", *(_CORE + name for name in _SORTS)})
"""Tags that change nothing but what a scalar is; all others are refused."""
_LONGEST = 40
"""No number, date or truth value is longer."""


def sort_of(tag: str | None) -> Sort:
    """What an explicit tag makes of a scalar; quoted ones have none and are text."""
    return _SORTS.get((tag or "").removeprefix(_CORE), Sort.TEXT)


def sort_of_plain(text: str) -> Sort:
    """What YAML 1.1 takes an unquoted scalar for."""
    if len(text) > _LONGEST:
        return Sort.TEXT
    resolver: Any = Resolver()  # PyYAML's stubs leave `resolve` untyped
    return sort_of(resolver.resolve(yaml.ScalarNode, text, (True, False)))


_REMEDIES = {
    "mapping values are not allowed": "a text with `: ` in it needs quotes; "
    "otherwise check the indentation",
    "end of stream": "a quote or bracket is opened and not closed",
    "unknown escape": "write `\\\\` for a backslash, or use single quotes",
    "expected ',' or ']'": "a list ends with `]`; its items stand between commas",
    "expected ',' or '}'": "a mapping ends with `}`; a text that starts with `{` needs quotes",
    "expected '-' indicator": "items of a list stand in one column, each after `- `",
    "expected key": "keys of one mapping stand in one column; "
    "a text that starts with `{`, `[` or a quote needs quotes around all of it",
}


_IN_LIBYAML_S_WORDS = tuple(
    (re.compile(said), words)
    for said, words in (
        (r"(found character) .+ (that cannot start any token)", r"\1 \2"),
        (r"(found unknown escape character) .+", r"\1"),
        (r"(mapping values are not allowed) here", r"\1 in this context"),
        (r"expected ('.' or '.'), but got .+", r"did not find expected \1"),
        (r"expected <block end>, but found .+", "did not find expected key"),
        (r"expected the (node content), but found .+", r"did not find expected \1"),
        (r"while scanning a \w+-(quoted scalar)", r"while parsing a \1"),
    )
)
"""What PyYAML's own parser says, which reads where libyaml is not: in a browser."""


def syntax_problem(source: NamedText, error: yaml.YAMLError) -> Problem:
    """The problem that a parser's error is, with the place where it gave up."""
    mark = getattr(error, "problem_mark", None)
    start = min(mark.index if mark else 0, max(len(source.text) - 1, 0))
    words = _reworded(str(getattr(error, "problem", None) or "the parser gave no reason"))
    context = _reworded(getattr(error, "context", None) or "")
    message = f"this is not YAML: {printable(words, 120)}" + (
        f" {printable(context, 60)}" if context else ""
    )
    return Problem(Span(source, start, start + 1), message, _remedy(source, start, words))


def _reworded(said: str) -> str:
    for known, words in _IN_LIBYAML_S_WORDS:
        if known.fullmatch(said):
            return known.sub(words, said)
    return said


def _remedy(source: NamedText, start: int, words: str) -> str:
    if "cannot start any token" in words:
        if source.text[start : start + 1] == "\t":
            return "indent with spaces, not with tabs"
        return f"a text that starts with `{source.text[start]}` needs quotes"
    return next((remedy for known, remedy in _REMEDIES.items() if known in words), "")


MAX_VALUES = 20_000
"""Values in one storyboard, with every alias written out."""
MAX_DEPTH = 16
"""Lists and mappings inside each other; a storyboard needs six."""

# The C parser is some ten times faster; both give the same events and the same marks.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Composed:
    """A document, and what was wrong with it but did not stop the reading."""

    root: Node
    problems: tuple[Problem, ...]


def compose(source: NamedText, text: str) -> Composed:
    """Compose one YAML document. `text` is the source's text, or that with parts blanked out.

    Raises `StoryboardProblems` if it is not YAML, empty, too deep or too large.
    """
    composer = _Composer(source)
    try:
        loader = _LOADER(text)
        try:
            while loader.check_event():
                composer.take(loader.get_event())
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise StoryboardProblems((*composer.problems, syntax_problem(source, error))) from None
    if composer.root is None:
        raise StoryboardProblems([Problem(Span(source), "there is nothing in it")])
    return Composed(composer.root, tuple(composer.problems))


@dataclass(frozen=True, slots=True)
class _Measured:
    """A finished node with its size and height, aliases written out."""

    node: Node
    values: int = 1
    height: int = 0


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being filled."""

    start: int
    anchor: str | None
    mapping: bool
    parts: list[_Measured] = field(default_factory=list)
    values: int = 1


class _Composer:
    """Takes events one by one; keeps the stack of what is still open."""

    def __init__(self, source: NamedText) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._source = source
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Measured] = {}

    def take(self, event: yaml.Event) -> None:
        start, end = _index(event.start_mark), _index(event.end_mark)
        span = Span(self._source, start, end)
        match event:
            case yaml.DocumentStartEvent() if self.root is not None:
                self._stop(span, "a second document starts here", "a storyboard is one document")
            case yaml.AliasEvent():
                self._add(span, self._aliased(span, event.anchor))
            case yaml.ScalarEvent():
                self._check_tag(span, event.tag)
                plain = bool(event.implicit[0]) and not event.tag
                sort = sort_of_plain(event.value) if plain else sort_of(event.tag)
                node = _Measured(ScalarNode(_trimmed(span), event.value, sort))
                self._name(event.anchor, node)
                self._add(span, node)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._check_tag(span, event.tag)
                mapping = isinstance(event, yaml.MappingStartEvent)
                self._stack.append(_Open(span.start, event.anchor, mapping))
                self._check_depth(span, len(self._stack))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._close(end)

    def _close(self, end: int) -> None:
        top = self._stack.pop()
        span = _trimmed(Span(self._source, top.start, end))
        nodes = [part.node for part in top.parts]
        node = self._mapping(span, nodes) if top.mapping else ListNode(span, tuple(nodes))
        height = 1 + max((part.height for part in top.parts), default=0)
        closed = _Measured(node, top.values, height)
        self._name(top.anchor, closed)
        self._add(span, closed)

    def _add(self, span: Span, part: _Measured) -> None:
        if not self._stack:
            self.root = part.node
            return
        top = self._stack[-1]
        top.parts.append(part)
        top.values += part.values
        self._check_depth(span, len(self._stack) + part.height)
        if top.values > MAX_VALUES:
            self._stop(span, f"more than {MAX_VALUES:,} values, aliases written out")

    def _mapping(self, span: Span, nodes: list[Node]) -> MapNode:
        pairs: dict[str, tuple[ScalarNode, Node]] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, ScalarNode):
                self._problem(key.span, "a key must be text")
            elif key.text in pairs:
                first = pairs[key.text][0].span.line
                self._problem(
                    key.span,
                    f"`{printable(key.text)}` is given twice",
                    f"the first one is in line {first}",
                )
            else:
                pairs[key.text] = key, value
        return MapNode(span, tuple(pairs.values()))

    def _aliased(self, span: Span, anchor: str | None) -> _Measured:
        assert anchor is not None, "the parser gives every alias its anchor"
        if anchor in self._anchors:
            return self._anchors[anchor]
        if any(anchor == part.anchor for part in self._stack):
            self._stop(span, f"`*{printable(anchor)}` contains itself")
        return self._stop(span, f"no `&{printable(anchor)}` before `*{printable(anchor)}`")

    def _name(self, anchor: str | None, node: _Measured) -> None:
        if anchor is not None:
            self._anchors[anchor] = node

    def _check_tag(self, span: Span, tag: str | None) -> None:
        if tag is not None and tag not in CORE_TAGS:
            shown = printable(tag.replace("tag:yaml.org,2002:", "!!"))
            self._problem(span, f"the tag `{shown}` is not read", "remove it: no tags are needed")

    def _check_depth(self, span: Span, depth: int) -> None:
        if depth > MAX_DEPTH:
            self._stop(span, f"more than {MAX_DEPTH} lists and mappings inside each other")

    def _problem(self, span: Span, message: str, remedy: str = "") -> None:
        self.problems.append(Problem(span, message, remedy))

    def _stop(self, span: Span, message: str, remedy: str = "") -> NoReturn:
        raise StoryboardProblems((*self.problems, Problem(span, message, remedy)))


def _index(mark: Any) -> int:  # noqa: ANN401 - the C parser's marks are of a type of their own
    """The character a mark stands at."""
    return int(mark.index)


def _trimmed(span: Span) -> Span:
    """Without the white space that the parser counts to the end of a block."""
    text = span.source.text[span.start : span.end]
    return Span(span.source, span.start, span.start + len(text.rstrip()))
