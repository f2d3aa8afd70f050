"""From a path to text: one clear problem for everything that is not a readable UTF-8 file."""

from __future__ import annotations

import re
from pathlib import Path

from pagereel.read.document.problem import Problem, StoryboardProblems
from pagereel.read.document.source import Source, Span
from pagereel.words import nearest, printable

MAX_BYTES = 1024 * 1024
"""The largest storyboard file that is read."""
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""What YAML allows only as an escape."""


def take(path: Path) -> Source:
    """The text of a storyboard file. Raises `StoryboardProblems`."""
    name = path.as_posix()
    data = _bytes(path, name)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refusal(name, "this is UTF-16", "save the file as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        source = Source(name, before + "\ufffd")
        span = Span(source, len(before), len(before) + 1)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise StoryboardProblems([Problem(span, message, "save the file as UTF-8")]) from None
    source = Source(name, text)
    if not text.strip():
        raise _refusal(name, "the file is empty", "`pagereel new NAME` writes one to start from")
    refuse_control_characters(source)
    return source


def refuse_control_characters(source: Source) -> None:
    """Raise `StoryboardProblems` if a control character stands in the text as it is."""
    found = _FORBIDDEN.search(source.text)
    if found:
        code = f"U+{ord(found[0]):04X}"
        remedy = f'in a quoted text, write it as an escape: "\\u{ord(found[0]):04x}"'
        problem = Problem(Span(source, *found.span()), f"control character {code}", remedy)
        raise StoryboardProblems([problem])


def _bytes(path: Path, name: str) -> bytes:
    try:
        if path.is_dir():
            raise _refusal(name, "this is a folder", "name a storyboard file in it")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        near = _near(path)
        raise _refusal(name, "no such file", near) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _refusal(name, f"cannot be read: {reason}") from None
    if len(data) > MAX_BYTES:
        raise _refusal(name, f"larger than {MAX_BYTES // 1024:,} KiB: this is no storyboard")
    return data


def _near(path: Path) -> str:
    """A storyboard beside it whose name is close."""
    try:
        beside = [other.name for other in path.parent.glob("*.y*ml")]
    except OSError:
        return ""
    near = nearest(path.name, sorted(beside))
    return f"did you mean `{printable(near)}`?" if near else ""


def _refusal(name: str, message: str, remedy: str = "") -> StoryboardProblems:
    return StoryboardProblems([Problem(Span(Source(name)), message, remedy)])
