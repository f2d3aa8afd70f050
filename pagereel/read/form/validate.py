"""Nodes become a form. What is invalid is reported and left out; the rest is still checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pagereel.read.document.nodes import (
    ListNode,
    MapNode,
    Node,
    Path,
    ScalarNode,
    Sort,
    describe,
    nearest,
    plain,
    replaced,
    without,
)
from pagereel.read.document.problem import Problem, StoryboardProblems
from pagereel.read.document.source import Span
from pagereel.read.form.complaints import clean, complain
from pagereel.read.form.fields import ID_PATTERN
from pagereel.read.form.schema import StoryboardForm

MOST = 200
"""Beyond so many invalid values, only they are reported, and no more of them."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A form that is valid, because everything that was not has been left out of it."""

    form: StoryboardForm
    root: Node
    """The nodes that the form was made from: paths into the form are paths into it."""
    problems: tuple[Problem, ...]
    lost: tuple[Path, ...]
    """Paths (in the file as written) of what was left out or stood in for."""
    lanes: tuple[str, ...]
    """Names of all lanes in the file, the invalid ones too."""
    requests: tuple[str, ...]
    """Ids of all requests in the file, the invalid ones too."""


def validate(root: Node) -> Checked:
    """Check a document against the schema. Raises `StoryboardProblems` if it is no mapping."""
    top = _mapping(root)
    lanes, requests = _names(top, "lanes"), _names(top, "requests")
    problems: list[Problem] = []
    lost: list[Path] = []
    node: Node = root
    while True:
        try:
            form = StoryboardForm.model_validate(plain(node))
        except ValidationError as refusal:
            errors = refusal.errors(include_url=False, include_input=False)
            node, unquoted = _unquote(node, errors)
            if unquoted:
                continue
            if len(errors) > MOST:
                raise StoryboardProblems(complain(node, e) for e in errors[:MOST]) from None
            if not problems:  # later rounds only meet the gaps that the first one left
                problems += _problems(node, errors)
                lost += [clean(node, error["loc"]) for error in errors]
            node = _prune(node, errors)
        else:
            problems += _unquoted_names(top)
            return Checked(form, node, tuple(problems), tuple(lost), lanes, requests)


def _mapping(root: Node) -> MapNode:
    if isinstance(root, MapNode):
        return root
    message = f"a storyboard is a mapping (`title: ...`), but this is {describe(root)}"
    raise StoryboardProblems([Problem(root.span, message)])


def _problems(root: Node, errors: list[ErrorDetails]) -> list[Problem]:
    """One problem an error; a key that is there, but misspelt, is not missing as well."""
    paths = [clean(root, error["loc"]) for error in errors]
    problems = [complain(root, error) for error in errors]
    strange = [
        (path, problem.remedy)
        for error, path, problem in zip(errors, paths, problems, strict=True)
        if error["type"] == "extra_forbidden"
    ]

    def is_misspelt(missing: Path) -> bool:
        return any(
            path[:-1] == missing[:-1] and (path[-1] == "<<" or f"`{missing[-1]}`?" in remedy)
            for path, remedy in strange
        )

    return [
        problem
        for error, path, problem in zip(errors, paths, problems, strict=True)
        if error["type"] != "missing" or not is_misspelt(path)
    ]


def _unquoted_names(root: MapNode) -> list[Problem]:
    """Names that other YAML tools would not take for text."""
    named = (root.get("lanes"), root.get("requests"))
    keys = [key for node in named if isinstance(node, MapNode) for key, _ in node.pairs]
    return [
        Problem(
            key.span,
            f"YAML reads the name `{key.text}` as {key.sort}",
            f'put it in quotes: "{key.text}"',
        )
        for key in keys
        if key.sort is not Sort.TEXT and re.match(ID_PATTERN, key.text)
    ]


def _names(root: MapNode, part: str) -> tuple[str, ...]:
    named = root.get(part)
    return tuple(named.names()) if isinstance(named, MapNode) else ()


def _unquote(root: Node, errors: list[ErrorDetails]) -> tuple[Node, bool]:
    """On a command line, quotes are the shell's: `--set title=2024` means the text."""
    changed = False
    for error in errors:
        node, rest = nearest(root, clean(root, error["loc"]))
        if rest or not isinstance(node, ScalarNode) or node.span.source.numbered:
            continue
        if error["type"] == "string_type":
            root = replaced(root, clean(root, error["loc"]), replace(node, sort=Sort.TEXT))
            changed = True
    return root, changed


def _prune(root: Node, errors: list[ErrorDetails]) -> Node:
    """Leave out what is invalid; stand in for required texts, so that their owners stay."""
    spoilt: set[Path] = set()
    for error in errors:
        path = clean(root, error["loc"])
        stand_in = _stand_in(root.span, path)
        if stand_in is not None:
            root = replaced(root, path, stand_in)
        else:
            spoilt.add(path[:-1] if error["type"] == "missing" else path)
    # From the back, so that the indices of what is still to be removed stay right.
    for path in sorted(spoilt, key=_order, reverse=True):
        if not any(path[:depth] in spoilt for depth in range(1, len(path))):
            root = without(root, path)
    return root


def _stand_in(span: Span, path: Path) -> Node | None:
    match path:
        case ("title",) | ("beats", int(), "title" | "say") | (*_, "callouts", int(), "text"):
            return ScalarNode(span, "")
        case ("lanes",):
            return MapNode(span, ())
        case ("beats",):
            return ListNode(span, ())
    return None


def _order(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple((part, "") if isinstance(part, int) else (-1, part) for part in path)
