"""The way out: what is printed reaches a terminal as text alone, and a stream that fails is known.

Every line passes `harmless`, whoever wrote it: a command, Typer, a library. A title or a file name
may hold what a terminal obeys; it is shown, written out, and never obeyed.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import sys
from typing import TextIO

from pagereel.scenes.text.columns import cell, escaped

_LINES = re.compile(r"([\n\t]+)")


class Outlet(io.TextIOWrapper):
    """A standard stream that lets text alone through, and goes on when nobody takes it.

    What the encoding lacks is written as an escape. Once it has failed, the rest is dropped.
    """

    trouble: OSError | None = None
    """Why the stream failed first: its reader is gone, its disk is full."""

    def write(self, text: str, /) -> int:
        """Write what can be seen of a text."""
        return self._put(harmless(text))

    def _put(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as problem:
            self._give_up(problem)
            return len(text)

    def flush(self) -> None:
        """Send on what was kept back."""
        try:
            super().flush()
        except OSError as problem:
            self._give_up(problem)

    def _give_up(self, problem: OSError) -> None:
        """Let what is still to come, at the interpreter's end too, go nowhere."""
        self.trouble = self.trouble or problem
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


class Screen(Outlet):
    """For what draws on the terminal, as a bar does. Whoever writes here makes texts harmless."""

    def write(self, text: str, /) -> int:
        """Write a text as it is, with all that a terminal obeys."""
        return self._put(text)


def open_outlets() -> None:
    """Make outlets of this process' standard streams; one that was closed leads nowhere."""
    for handle in (0, 1, 2):
        try:
            os.fstat(handle)
        except OSError:  # else the next file that is opened would be taken for the stream
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    sys.stdout, sys.stderr = _outlet(Outlet, 1, sys.stdout), _outlet(Outlet, 2, sys.stderr)


def screen() -> TextIO:
    """The terminal behind stderr, to draw on."""
    return _outlet(Screen, 2, sys.stderr)


def _outlet(kind: type[Outlet], handle: int, before: TextIO | None) -> Outlet:
    """An outlet with the encoding and the haste of the stream before it."""
    opened = open(handle, "wb", closefd=False)  # noqa: SIM115  # a stream, and for good
    hasty = handle == 2 or bool(before and (before.isatty() or getattr(before, "write_through", 0)))
    encoding = (before and before.encoding) or "utf-8"
    return kind(opened, encoding, errors="backslashreplace", line_buffering=hasty)


def heard() -> bool:
    """Whether somebody still reads what is printed."""
    trouble = getattr(sys.stdout, "trouble", None)
    return trouble is None or trouble.errno != errno.EPIPE


def harmless(text: str) -> str:
    """Lines of text with every character that would not be seen written out: `\\x1b`, `\\u202e`."""
    if text.isprintable():
        return text
    parts = _LINES.split(text)
    shown = (part if part.isprintable() else escaped(part) for part in parts[::2])
    return "".join(piece for pair in zip(shown, [*parts[1::2], ""], strict=True) for piece in pair)


def harmless_json(value: object) -> str:
    """A value as one line of JSON that a terminal can show: what it cannot is in JSON's escapes."""
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    text = json.dumps(value, ensure_ascii=not unicode)
    if text.isprintable():
        return text
    return "".join(c if cell(c).shown == c else json.dumps(c)[1:-1] for c in text)
