"""What speech is: a voice that can be asked, and the sound of one beat."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

RATE = 48_000
"""Samples a second of every speech, one channel, 16 bits."""


class Narrator(Protocol):
    """A voice."""

    @property
    def identity(self) -> str:
        """All that the sound depends on besides the text: the voice and its version."""
        ...

    @property
    def reads(self) -> bool:
        """Whether it reads any text; a folder of recordings has one for each beat alone."""
        ...

    def speak(self, text: str, beat: int, path: Path) -> bool:
        """Write what is said in a beat (counted from 1) as a WAV file; False: nothing.

        Raises `InputWrong` for a voice that is not there, `MachineFailed` for one that fails.
        """
        ...


@dataclass(frozen=True, slots=True)
class Speech:
    """One beat's sound: 16-bit samples, one channel, at `RATE`."""

    samples: bytes

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / 2 / RATE
