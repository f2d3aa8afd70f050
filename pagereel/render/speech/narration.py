"""Spoken captions: a narrator turns text into sound, and beats wait for it.

What is spoken is kept beside the clips by content, so a voice is asked for a text once.
"""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Sequence
from pathlib import Path

from pagereel.model.storyboard.timeline import Utterance
from pagereel.render.speech.speech import RATE, Narrator, Speech
from pagereel.scenes.shapes.clip import Clip, held
from pagereel.storage.cache import Cache

LEAD, TAIL = 0.3, 0.5
"""Seconds of quiet in a beat before and after what is said."""


def narrate(
    narrator: Narrator | None, said: Sequence[Utterance], beat: int, cache: Cache
) -> tuple[Speech | None, ...]:
    """The sound of each utterance of a beat (counted from 1); None: nothing is heard.

    A recording of a whole beat is heard from the first of them on that is no question.
    """
    if narrator is None:
        return (None,) * len(said)
    if narrator.reads:
        return tuple(_speech(narrator, words.words, beat, cache) for words in said)
    told = [place for place, words in enumerate(said) if not words.asks]
    whole = " ".join(said[place].words for place in told if said[place].words)
    spoken = _speech(narrator, whole, beat, cache)
    return tuple(spoken if place == told[0] else None for place in range(len(said)))


def waiting(clip: Clip, speeches: Sequence[Speech | None]) -> Clip:
    """The clip, every utterance of which lasts until it has been heard."""
    heard = [place for place, speech in enumerate(speeches) if speech]
    for place, after in zip(heard, [*heard[1:], len(speeches)], strict=False):
        speech = speeches[place]
        assert speech is not None
        starts = (*clip.starts(len(speeches)), clip.frames)
        before_last = (starts[after - 1] - starts[place]) / clip.rate
        clip = held(clip, after - 1, LEAD + speech.seconds + TAIL - before_last)
    return clip


def _speech(narrator: Narrator, text: str, beat: int, cache: Cache) -> Speech | None:
    """A beat's speech, from the cache if it has been spoken before."""
    if not text.strip():
        return None
    # Only here: it takes NumPy, and few films speak.
    from pagereel.render.speech.loudness import PEAK, TARGET, even, resampled

    depends = f"{TARGET} {PEAK}\n{narrator.identity}\n{beat}\n{text}"
    digest = hashlib.sha256(depends.encode()).hexdigest()
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


def soundtrack(speeches: Sequence[Sequence[Speech | None]], clips: Sequence[Clip]) -> bytes:
    """All that is said, each where it belongs; as long as the video. Empty if nothing is said."""
    if not any(speech for beat in speeches for speech in beat):
        return b""
    track, frames = bytearray(), 0
    for said, clip in zip(speeches, clips, strict=True):
        for speech, start in zip(said, clip.starts(len(said)), strict=True):
            if speech:
                starts = 2 * round(((frames + start) / clip.rate + LEAD) * RATE)
                track.extend(bytes(max(0, starts - len(track))))
                track.extend(speech.samples)
        frames += clip.frames
        ends = 2 * round(frames / clip.rate * RATE)
        track.extend(bytes(max(0, ends - len(track))))
    return bytes(track)
