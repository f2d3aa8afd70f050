"""From a path to text: one clear problem for everything that is not a readable UTF-8 file."""

from __future__ import annotations

import re
from pathlib import Path

from pagereel.read.document.problem import Problem, StoryboardProblems
from pagereel.read.document.source import NamedText, Span
from pagereel.storage.incoming import Obstacle, Unreadable, bytes_of, what_else
from pagereel.words import nearest, printable

MAX_BYTES = 1024 * 1024
"""The largest storyboard file that is read."""
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""What YAML allows only as an escape."""


def take(path: Path) -> NamedText:
    """The text of a storyboard file. Raises `StoryboardProblems`."""
    name = path.as_posix()
    source = NamedText(name, _text(_bytes(path, name), name))
    text = source.text
    if not text.strip():
        raise _refusal(name, "the file is empty", "`pagereel new NAME` writes one to start from")
    refuse_control_characters(source)
    return source


def refuse_control_characters(source: NamedText) -> None:
    """Raise `StoryboardProblems` if a control character stands in the text as it is."""
    found = _FORBIDDEN.search(source.text)
    if found:
        code = f"U+{ord(found[0]):04X}"
        remedy = f'in a quoted text, write it as an escape: "\\u{ord(found[0]):04x}"'
        problem = Problem(Span(source, *found.span()), f"control character {code}", remedy)
        raise StoryboardProblems([problem])


def _text(data: bytes, name: str) -> str:
    """The bytes as text, without a BOM; a zero byte may be in it."""
    instead = what_else(data)
    try:
        text = data.decode("utf-8-sig")
        if not (instead and "\0" in text):
            return text
    except UnicodeDecodeError as error:
        if not instead:
            before = data[: error.start].decode("utf-8-sig")
            span = Span(NamedText(name, before + "\ufffd"), len(before), len(before) + 1)
            message = f"byte 0x{data[error.start]:02x} is not UTF-8"
            raise StoryboardProblems([Problem(span, message, "save the file as UTF-8")]) from None
    remedy = "save the file as UTF-8"
    if not instead.startswith("UTF"):
        remedy = "a storyboard is a text in YAML; `pagereel new NAME` writes one to start from"
    raise _refusal(name, f"this is {instead}", remedy)


def _bytes(path: Path, name: str) -> bytes:
    try:
        return bytes_of(path, MAX_BYTES)
    except Unreadable as found:
        raise _refusal(name, *_told(found, path)) from None


def _told(found: Unreadable, path: Path) -> tuple[str, str]:
    """What hinders, in the words of storyboards, and what to do."""
    match found.obstacle:
        case Obstacle.MISSING:
            return "no such file", _near(path)
        case Obstacle.FOLDER:
            return "this is a folder", "name a storyboard file in it"
        case Obstacle.NO_FILE:
            return f"this is {found.message}", found.hint
        case Obstacle.TOO_LARGE:
            return f"larger than {MAX_BYTES // 1024:,} KiB: this is no storyboard", ""
    return f"cannot be read: {found.message}", found.hint


def _near(path: Path) -> str:
    """A storyboard beside it whose name is close."""
    try:
        beside = [other.name for other in path.parent.glob("*.y*ml")]
    except (OSError, ValueError):
        return ""
    near = nearest(path.name, sorted(beside))
    return f"did you mean `{printable(near)}`?" if near else ""


def _refusal(name: str, message: str, remedy: str = "") -> StoryboardProblems:
    return StoryboardProblems([Problem(Span(NamedText(name)), message, remedy)])
