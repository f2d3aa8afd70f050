"""What speech is: a voice that can be asked, what it has to say, and the sound of that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pagereel.errors import InputWrong
from pagereel.model.storyboard.timeline import Utterance
from pagereel.storage.incoming import Unreadable, digest

RATE = 48_000
"""Samples a second of every speech, one channel, 16 bits."""


@dataclass(frozen=True, slots=True)
class Take:
    """A sound that can be had."""

    identity: str
    """All that it depends on: the voice with its version and the words, or the recording."""
    name: str
    """What it is called where something is wrong with it."""
    write: Callable[[Path], None]
    """Writes it as a WAV file. Raises `InputWrong`, or `MachineFailed`."""
    utterances: int = 1
    """How many utterances it says, one after the other."""


class Narrator(Protocol):
    """A voice."""

    def takes(self, told: Sequence[Sequence[Utterance]]) -> tuple[tuple[Take | None, ...], ...]:
        """Of each beat of a storyboard, the sound that starts with each of its utterances.

        Raises `InputWrong` for recordings that belong nowhere.
        """
        ...


@dataclass(frozen=True, slots=True)
class Speech:
    """One sound: 16-bit samples, one channel, at `RATE`."""

    samples: bytes
    utterances: int = 1
    """How many utterances it says."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / 2 / RATE


def fingerprint(path: Path) -> str:
    """A digest of a voice's file. Raises `InputWrong`."""
    try:
        return digest(path)
    except Unreadable as problem:
        raise InputWrong(problem.of(path)) from None
