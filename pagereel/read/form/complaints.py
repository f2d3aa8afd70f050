"""What pydantic refuses, said in the words of the format, at the place in the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic_core import ErrorDetails

from pagereel.read.document.nodes import (
    MapNode,
    Node,
    Path,
    ScalarNode,
    Sort,
    child,
    describe,
    key_span,
    nearest,
    span_at,
)
from pagereel.read.document.problem import Problem
from pagereel.read.form.fields import TAG, BeamForm, Form, GpuForm
from pagereel.read.form.schema import (
    AllSettings,
    AnyLane,
    AttendForm,
    BeatForm,
    CallOutForm,
    DefinitionForm,
    ExcerptForm,
    GeometryForm,
    QuestionForm,
    RequestForm,
    ShotForm,
    StoryboardForm,
)
from pagereel.read.form.verbs import USAGE, VERBS
from pagereel.words import NOBODY, did_you_mean, printable

_FORMS: dict[tuple[str, ...], type[Form]] = {
    (): StoryboardForm,
    ("parameters",): AllSettings,
    ("model",): GeometryForm,
    ("gpu",): GpuForm,
    ("lanes", "*"): AnyLane,
    ("requests", "*"): RequestForm,
    ("requests", "*", "beam"): BeamForm,
    ("beats", "*"): BeatForm,
    ("beats", "*", "do", "*", "beam", "*"): BeamForm,
    ("beats", "*", "callouts", "*"): CallOutForm,
    ("beats", "*", "define"): DefinitionForm,
    ("beats", "*", "attend"): AttendForm,
    ("beats", "*", "question"): QuestionForm,
    ("beats", "*", "excerpt"): ExcerptForm,
    ("beats", "*", "shots", "*"): ShotForm,
    ("beats", "*", "shots", "*", "excerpt"): ExcerptForm,
    ("beats", "*", "shots", "*", "do", "*", "beam", "*"): BeamForm,
    ("beats", "*", "shots", "*", "callouts", "*"): CallOutForm,
    ("beats", "*", "shots", "*", "define"): DefinitionForm,
    ("beats", "*", "shots", "*", "attend"): AttendForm,
    ("beats", "*", "shots", "*", "question"): QuestionForm,
}
_MERGE = ("merge keys (`<<`) are not read", "write the keys out")
_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "option": "a number, a word, true or false",
}


def clean(root: Node, loc: tuple[int | str, ...]) -> Path:
    """An error's path without the marks that pydantic adds for unions and keys."""
    path: Path = ()
    node: Node | None = root
    for part in loc:
        below = child(node, part) if node is not None else None
        added = part == "[key]" or (isinstance(part, str) and part.startswith(TAG))
        if below is None and added:
            continue
        path, node = (*path, part), below
    return path


def complain(root: Node, error: ErrorDetails) -> Problem:
    """The problem that one validation error is."""
    path, kind = clean(root, error["loc"]), error["type"]
    if kind in _WANTED or kind == "union_tag_invalid":
        wanted = _WANTED.get(kind) or _members(error)
        return _wrong_type(root, path, wanted)
    special: dict[str, Callable[[Node, Path, dict[str, Any]], Problem]] = {
        "missing": _missing,
        "extra_forbidden": _unknown_key,
        "choice": _not_a_choice,
        "literal_error": _not_a_choice,
        "union_tag_not_found": _unknown_verb,
        "string_pattern_mismatch": _bad_name,
    }
    return special.get(kind, _out_of_limits)(root, path, {**error.get("ctx", {}), "kind": kind})


_MEMBERS = {"count": "a number", "text": "text", "list": "a list", "mapping": "a mapping"}


def _members(error: ErrorDetails) -> str:
    """What a union takes, by its tags."""
    tags = [tag for tag in _MEMBERS if tag in error["ctx"]["expected_tags"]]
    if tags == ["count", "text", "list"]:
        return "text, a list of tokens or a number of tokens"
    return " or ".join(_MEMBERS[tag] for tag in tags)


def name_of(path: Path) -> str:
    """What a message calls the value at a path: its key, or which item of a list it is."""
    match path:
        case (*_, "beats", int(index)):
            return f"beat {index + 1}"
        case (*_, "shots", int(index)):
            return f"shot {index + 1}"
        case (*_, str(owner), int(index)):
            return f"item {index + 1} of `{printable(owner)}`"
        case (*_, last):
            return f"`{printable(str(last))}`"
    return "a storyboard"


def _wrong_type(root: Node, path: Path, wanted: str) -> Problem:
    node = nearest(root, path)[0]
    remedy = ""
    match node:
        case ScalarNode(sort=Sort.NOTHING):
            remedy = "give it a value, or remove the key"
        case ScalarNode(text=text) if wanted.startswith("text"):
            remedy = f'put it in quotes: "{printable(text)}"'
        case ScalarNode(text=text, sort=Sort.TEXT) if text.strip().isdecimal():
            remedy = "take the quotes away"
        case ScalarNode(text=text) if wanted == "a whole number" and text[:1].isdigit():
            remedy = "write it with digits alone, without leading zeros"
        case ScalarNode(text=text, sort=Sort.TEXT) if wanted == "a list":
            remedy = f"put it in brackets: [{printable(text)}]"
        case _ if wanted == "a mapping" and path[-1] in VERBS:
            remedy = f"write {VERBS[str(path[-1])].written}"
    message = f"{name_of(path)} must be {wanted}, but is {describe(node)}"
    return Problem(node.span, message, remedy)


def _missing(root: Node, path: Path, _: dict[str, Any]) -> Problem:
    owner = path[:-1]
    form = form_at(owner)
    meaning = (form.model_fields[str(path[-1])].description or "") if form else ""
    span = key_span(root, owner) if owner else span_at(root, ())
    message = f"{name_of(owner)} has no `{path[-1]}`"
    return Problem(span, message, f"{path[-1]}: {' '.join(meaning.split()).split('. ')[0]}")


def _unknown_key(root: Node, path: Path, _: dict[str, Any]) -> Problem:
    given, owner = str(path[-1]), nearest(root, path[:-1])[0]
    form = form_at(path[:-1])
    span = key_span(root, path)
    if form is None:
        verb = next((name for name in VERBS if isinstance(owner, MapNode) and owner.get(name)), "")
        remedy = f"one verb an item; `{verb}` takes nothing else"
        return Problem(span, f"unknown key `{printable(given)}`", remedy)
    if given == "<<":
        return Problem(span, *_MERGE)
    remedy = did_you_mean(given, form.model_fields)
    return Problem(span, f"unknown key `{printable(given)}`", remedy)


def _not_a_choice(root: Node, path: Path, context: dict[str, Any]) -> Problem:
    node = nearest(root, path)[0]
    what = context.get("what", name_of(path).strip("`"))
    known = context.get("known") or str(context["expected"]).replace(" or ", ", ").split(", ")
    if not isinstance(node, ScalarNode):
        return _wrong_type(root, path, "text")
    words = [str(name).strip("'") for name in known]
    remedy = did_you_mean(node.text, words, context.get("nicknames", NOBODY))
    return Problem(node.span, f"unknown {what} `{printable(node.text)}`", remedy)


def _unknown_verb(root: Node, path: Path, _: dict[str, Any]) -> Problem:
    node = nearest(root, path)[0]
    if isinstance(node, MapNode) and node.pairs:
        node = node.pairs[0][0]
    if not isinstance(node, ScalarNode) or node.sort is not Sort.TEXT:
        message = f"{name_of(path)} must be a verb, but is {describe(node)}"
        return Problem(node.span, message, f"verbs: {USAGE}")
    if node.text in VERBS:
        remedy = f"write {VERBS[node.text].written}"
        return Problem(node.span, f"`{node.text}` needs a request", remedy)
    remedy = did_you_mean(node.text.split(":")[0].split(" ")[0], VERBS)
    return Problem(node.span, f"unknown verb `{printable(node.text)}`", remedy)


def _bad_name(root: Node, path: Path, _: dict[str, Any]) -> Problem:
    if path[-1] == "<<":
        return Problem(key_span(root, path), *_MERGE)
    message = f"{name_of(path)} cannot be a name here"
    remedy = "a letter, then up to 15 letters, digits, `_` or `-`"
    return Problem(key_span(root, path), message, remedy)


def _out_of_limits(root: Node, path: Path, context: dict[str, Any]) -> Problem:
    match context:
        case {"ge": bound}:
            limit = f"must be at least {bound:,}"
        case {"le": bound}:
            limit = f"must be at most {bound:,g}"
        case {"max_length": bound, "kind": "string_too_long"}:
            limit = f"is longer than {bound:,} characters"
        case {"max_length": bound}:
            limit = f"has more than {bound:,} item" + "s" * (bound > 1)
        case {"min_length": int(bound)} if bound > 1:
            limit = f"needs at least {bound} items"
        case _:
            limit = "must not be empty"
    return Problem(span_at(root, path), f"{name_of(path)} {limit}")


def form_at(path: Path) -> type[Form] | None:
    """The form of the mapping at a path; None for one that is not a form, or a verb."""
    for shape, form in _FORMS.items():
        fits = len(shape) == len(path) and all(
            wanted in ("*", part) for wanted, part in zip(shape, path, strict=True)
        )
        if fits:
            return form
    return None
