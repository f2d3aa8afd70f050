"""The keys of a storyboard file, as a page: what each is, from the form that reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pagereel.documents.markdown import code, page, sentence, table
from pagereel.model.allocators.kinds import KINDS
from pagereel.model.core.geometry import PRESETS
from pagereel.read.form.schema import StoryboardForm
from pagereel.read.form.verbs import VERBS

Schema = Mapping[str, Any]
"""A part of a JSON Schema."""
FILE = "StoryboardForm"
_VERBS = {form.__name__ for form in VERBS.values()}
_SAME_EVERYWHERE = {
    "Settings": "Each [kind of lane](lanes.md) has options besides; they are keys like these.",
    "LaneForm": "And every key of the [settings](#settings) and option of its "
    "[kind](lanes.md), for this lane alone.",
}


def storyboard_page() -> str:
    """Every key of the file, form by form, in the order in which a file has them."""
    schema = StoryboardForm.model_json_schema()
    forms = {FILE: schema, **schema["$defs"]}
    order = [name for name in _reached(forms, FILE) if name not in _VERBS]
    return page(
        "The storyboard file",
        "Every key, its type and its default. [Writing a storyboard](../../storyboards/README.md) "
        "says how they go together.",
        *(_section(name, forms) for name in order),
    )


def _reached(forms: Mapping[str, Schema], start: str) -> Iterator[str]:
    """The forms that a form leads to, each once, itself first."""
    waiting, seen = [start], {start}
    while waiting:
        name = waiting.pop(0)
        yield name
        for found in _references(forms[name].get("properties", {})):
            if found not in seen:
                seen.add(found)
                waiting.append(found)


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield _referred(part)
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def _section(name: str, forms: Mapping[str, Schema]) -> str:
    form = forms[name]
    needed = form.get("required", ())
    rows = [
        [code(key), _type(given), _default(given, key in needed), given.get("description", "")]
        for key, given in form.get("properties", {}).items()
        if not _stands_elsewhere(name, key, forms)
    ]
    parts = [f"## {_title(name)}", form.get("description", ""), _SAME_EVERYWHERE.get(name, "")]
    grid = table(["key", "type", "default", "what it is"], rows)
    return "\n\n".join(part for part in (*parts, grid) if part)


def _stands_elsewhere(name: str, key: str, forms: Mapping[str, Schema]) -> bool:
    """Options of lane kinds have a page of their own, and a lane repeats the settings."""
    if name not in _SAME_EVERYWHERE:
        return False
    optional = any(key in kind.options for kind in KINDS.values())
    repeated = name == "LaneForm" and key in forms["Settings"]["properties"]
    return optional or repeated


def _title(name: str) -> str:
    return "File" if name == FILE else name.removesuffix("Form")


def _referred(part: Schema) -> str:
    return str(part["$ref"]).rpartition("/")[2]


def _default(given: Schema, is_needed: bool) -> str:
    if is_needed:
        return "needed"
    value = given.get("default")
    return code(value) if value or value == 0 else ""


def _type(given: Schema) -> str:
    """A type in words: `list of [beats](#beat)`, `whole number, 1 to 16`."""
    if "$ref" in given:
        name = _referred(given)
        return (
            "[verb](verbs.md)" if name in _VERBS else f"[{_title(name)}](#{_title(name).lower()})"
        )
    if "enum" in given:
        return _choice(given["enum"])
    if "const" in given:
        return code(given["const"])
    for union in ("anyOf", "oneOf"):
        if union in given:
            members = [_type(one) for one in given[union] if one.get("type") != "null"]
            verbs = "[verb](verbs.md)" in members
            return "[verb](verbs.md)" if verbs else " or ".join(dict.fromkeys(members))
    return _plain(given)


def _choice(values: Sequence[str]) -> str:
    """The values, or where they are explained."""
    if values == [*PRESETS]:
        return "[model](models.md)"
    if values == [*KINDS]:
        return "[kind](lanes.md)"
    return ", ".join(code(value) for value in values)


def _plain(given: Schema) -> str:
    kind = given.get("type")
    if kind == "array":
        inner = _type(given.get("items", {}))
        return f"list of ({inner})" if " or " in inner else f"list of {inner}"
    if kind == "object":
        members = [*given.get("patternProperties", {}).values()]
        members += [extra] if isinstance(extra := given.get("additionalProperties"), dict) else []
        return f"names, each with {' or '.join(_type(one) for one in members)}"
    words = {"integer": "whole number", "number": "number", "string": "text"}
    words |= {"boolean": "true or false"}
    name = words.get(str(kind), "one value")
    least, most = given.get("minimum"), given.get("maximum")
    if least is not None and most is not None:
        return f"{name}, {least:,} to {most:,}"
    return name


def meaning(form: type[Any]) -> str:
    """What a form is for, in one line."""
    return sentence(" ".join((form.__doc__ or "").split()))
