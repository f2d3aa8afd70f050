"""Spoken captions: a narrator turns text into sound, beats wait for it, loudness is evened.

What is spoken is kept beside the clips by content, so a voice is asked for a text once.
"""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pagereel.cache import Cache
from scenes.clip import Clip

RATE = 48_000
"""Samples a second of every speech, one channel, 16 bits."""
LEAD, TAIL = 0.3, 0.5
"""Seconds of quiet in a beat before and after what is said."""


class Narrator(Protocol):
    """A voice."""

    @property
    def identity(self) -> str:
        """All that the sound depends on besides the text: the voice and its version."""
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


def narrate(
    narrator: Narrator | None, captions: Sequence[str], first: int, cache: Cache
) -> tuple[Speech | None, ...]:
    """What is said in each beat; None: nothing. `first` is the number of the first beat."""
    if narrator is None:
        return (None,) * len(captions)
    return tuple(_speech(narrator, text, beat, cache) for beat, text in enumerate(captions, first))


def _speech(narrator: Narrator, text: str, beat: int, cache: Cache) -> Speech | None:
    """A beat's speech, from the cache if it has been spoken before."""
    if not text.strip():
        return None
    from pagereel.loudness import even, resampled

    digest = hashlib.sha256(f"{narrator.identity}\n{beat}\n{text}".encode()).hexdigest()
    key = f"{digest[:40]}.wav"
    if cache.find(key) is None:
        with cache.making(key) as path:
            spoken = path.with_suffix(".spoken.wav")
            try:
                said = narrator.speak(text, beat, spoken)
                samples = even(resampled(spoken)) if said else b""
            finally:
                spoken.unlink(missing_ok=True)
            _write(path, samples)
    with wave.open(str(cache.folder / key)) as opened:
        samples = opened.readframes(opened.getnframes())
    return Speech(samples) if samples else None


def _write(path: Path, samples: bytes) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples)


def soundtrack(speeches: Sequence[Speech | None], clips: Sequence[Clip]) -> bytes:
    """All that is said, each at its beat; as long as the video. Empty if nothing is said."""
    if not any(speeches):
        return b""
    track, frames = bytearray(), 0
    for speech, clip in zip(speeches, clips, strict=True):
        if speech:
            starts = 2 * round((frames / clip.rate + LEAD) * RATE)
            track.extend(bytes(max(0, starts - len(track))))
            track.extend(speech.samples)
        frames += clip.frames
        ends = 2 * round(frames / clip.rate * RATE)
        track.extend(bytes(max(0, ends - len(track))))
    return bytes(track)
