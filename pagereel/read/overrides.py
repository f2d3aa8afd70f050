"""`--set key=value`: one value of a storyboard, changed for one run without touching the file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from pagereel.read.document.compose import compose, sort_of_plain
from pagereel.read.document.intake import refuse_control_characters
from pagereel.read.document.nodes import ListNode, MapNode, Node, Path, ScalarNode, Sort, describe
from pagereel.read.document.problem import Problem, StoryboardProblems
from pagereel.read.document.source import NamedText, Span
from pagereel.read.form.schema import AllSettings, StoryboardForm
from pagereel.words import did_you_mean, printable

_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Override:
    """A path into a storyboard, and the value to put there."""

    keys: tuple[ScalarNode, ...]
    value: Node


def parse_override(text: str) -> Override:
    """Read `requests.A.prompt=Hello world` or `block_size=8` (short for `parameters.block_size`).

    A request or a lane of a new name is given whole, as `requests.D={prompt: Hi, output: 3}`. A
    value that starts with a bracket, a brace or a quote is YAML; any other is taken as it stands.
    Beats are counted from 1: `beats.2.say=...`. Raises `StoryboardProblems`.
    """
    source = NamedText(f"--set {printable(text)}", text, numbered=False)
    refuse_control_characters(source)
    name, equals, value = text.partition("=")
    keys = _keys(source, name)
    if not equals or not keys or not all(key.text for key in keys) or len(keys) > _DEEPEST:
        problem = Problem(Span(source, 0, len(name)), "not of the form KEY=VALUE", _EXAMPLE)
        raise StoryboardProblems([problem])
    if len(keys) == 1 and keys[0].text not in StoryboardForm.model_fields:
        if keys[0].text not in AllSettings.model_fields:
            known = [*AllSettings.model_fields, *StoryboardForm.model_fields]
            message = f"unknown key `{printable(keys[0].text)}`"
            raise StoryboardProblems(
                [Problem(keys[0].span, message, did_you_mean(keys[0].text, known))]
            )
        keys = (ScalarNode(keys[0].span, "parameters"), *keys)
    return Override(keys, _value(source, len(name) + 1, value))


def override_text(key: str, value: object) -> str:
    """A key and a plain value as `parse_override` takes them; a text stays a text."""
    bare = isinstance(value, str) and value.lstrip()[:1] not in _OPENERS
    if isinstance(value, str) and bare and sort_of_plain(value.strip()) is Sort.TEXT:
        return f"{key}={value}"
    return f"{key}={json.dumps(value, ensure_ascii=False)}"


def apply(root: Node, overrides: Iterable[Override]) -> tuple[Node, list[Problem]]:
    """The document with the overrides in place, and what is wrong with those that are not."""
    problems: list[Problem] = []
    for override in overrides:
        try:
            root = _set(root, override.keys, override.value, ())
        except StoryboardProblems as failed:
            problems += failed.problems
    return root, problems


_OPENERS = tuple("[{\"'")
"""What a value starts with that is YAML."""
_EXAMPLE = "for example: --set block_size=8, or --set requests.A.output=12"


def _keys(source: NamedText, name: str) -> tuple[ScalarNode, ...]:
    keys, start = [], 0
    for part in name.split("."):
        keys.append(ScalarNode(Span(source, start, start + len(part)), part.strip()))
        start += len(part) + 1
    return tuple(keys)


def _value(source: NamedText, start: int, value: str) -> Node:
    if value.lstrip()[:1] in _OPENERS:
        composed = compose(source, " " * start + value)
        if composed.problems:
            raise StoryboardProblems(composed.problems)
        return composed.root
    span = Span(source, start, start + len(value))
    sort = sort_of_plain(value.strip())
    return ScalarNode(span, value if sort is Sort.TEXT else value.strip(), sort)


def _set(node: Node, keys: tuple[ScalarNode, ...], value: Node, above: Path) -> Node:
    if not keys:
        return value
    key, rest = keys[0], keys[1:]
    match node:
        case ListNode(span, items):
            index = _index(key, len(items), above)
            changed = _set(items[index], rest, value, (*above, index))
            return ListNode(span, (*items[:index], changed, *items[index + 1 :]))
        case MapNode(span, pairs):
            is_whole = above in _NAMED and not rest and isinstance(value, MapNode)
            if is_whole and node.get(key.text) is None:
                return MapNode(span, (*pairs, (key, value)))
            old = _owned(node, key, above, len(rest))
            new = key, _set(old, rest, value, (*above, key.text)) if rest else value
            if node.get(key.text) is None:
                return MapNode(span, (*pairs, new))
            return MapNode(span, tuple(new if k.text == key.text else (k, v) for k, v in pairs))
    path = ".".join(str(part) for part in above)
    message = f"`{printable(path)}` has no keys: it is {describe(node)}"
    raise StoryboardProblems([Problem(key.span, message)])


_NAMED = (("lanes",), ("requests",))
"""Mappings whose keys are names."""


def _owned(node: MapNode, key: ScalarNode, above: Path, depth: int) -> Node:
    """What a key holds now; new keys may only be set where the schema says which there are."""
    old = node.get(key.text)
    named = above in _NAMED
    if old is None and not above and key.text == "parameters":
        return MapNode(key.span, ())
    if old is None and (named or depth):
        what = str(above[0])[:-1] if named else "key"
        known = node.names() if above else [*StoryboardForm.model_fields]
        if not above and key.text in known:
            message = f"the storyboard has no `{key.text}` that could be changed"
            raise StoryboardProblems([Problem(key.span, message)])
        message = f"unknown {what} `{printable(key.text)}`"
        raise StoryboardProblems([Problem(key.span, message, did_you_mean(key.text, known))])
    return old if old is not None else ScalarNode(key.span, "")


def _index(key: ScalarNode, count: int, above: Path) -> int:
    number = int(key.text) if key.text.isascii() and key.text.isdigit() and len(key.text) < 9 else 0
    if not 1 <= number <= count:
        path = ".".join(str(part) for part in above)
        message = f"`{printable(path)}` has no item `{printable(key.text)}`"
        remedy = f"items are counted from 1 to {count}" if count else "it has no items"
        raise StoryboardProblems([Problem(key.span, message, remedy)])
    return number - 1
