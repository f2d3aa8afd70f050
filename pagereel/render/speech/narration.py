"""Spoken captions: a narrator turns text into sound, and beats wait for it.

What is spoken is kept beside the clips by content, so a voice is asked for a text once.
"""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Sequence
from pathlib import Path

from pagereel.render.speech.speech import RATE, Narrator, Speech
from pagereel.scenes.shapes.clip import Clip
from pagereel.storage.cache import Cache

LEAD, TAIL = 0.3, 0.5
"""Seconds of quiet in a beat before and after what is said."""


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
    from pagereel.render.speech.loudness import even, resampled  # takes NumPy; few films speak

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


def answering(ask: Speech | None, said: Speech | None, clip: Clip) -> Speech | None:
    """A beat's question, then what is said of its answer, when the clip shows that."""
    if not clip.said_from or not (ask or said):
        return said
    before = ask.samples if ask else b""
    starts = 2 * round(clip.said_from / clip.rate * RATE)
    after = bytes(max(0, starts - len(before))) + said.samples if said else b""
    return Speech(before + after)


def at_the_answer(speech: Speech | None, clip: Clip) -> tuple[Speech | None, Speech | None]:
    """What is said in a beat that asks, in two: the question, and what is said of its answer."""
    if speech is None:
        return None, None
    cut = 2 * round(clip.said_from / clip.rate * RATE)
    asked = speech.samples[:cut].rstrip(b"\0")
    asked += bytes(len(asked) % 2)
    said = speech.samples[cut:]
    return (Speech(asked) if asked else None), (Speech(said) if said else None)


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
