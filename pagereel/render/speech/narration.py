"""Spoken captions: a narrator turns text into sound, and beats wait for it.

What is spoken is kept beside the clips by content, so a voice is asked for a text once.
"""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Sequence
from pathlib import Path

from pagereel.errors import InputWrong
from pagereel.model.storyboard.timeline import Utterance
from pagereel.render.speech.speech import RATE, Speech, Take
from pagereel.scenes.clips import THINKING
from pagereel.scenes.shapes.clip import Clip, held
from pagereel.storage.cache import Cache

LEAD, BREATH, TAIL = 0.3, 0.3, 0.7
"""Seconds of quiet before what is said, after it, and after the last that is said in a beat: a
speaker breathes between two sentences, and for longer before a new thought."""


def narrate(takes: Sequence[Take | None], cache: Cache) -> tuple[Speech | None, ...]:
    """The sounds of a beat; None: none starts with that utterance. Raises as `Take.write`."""
    return tuple(_speech(take, cache) if take else None for take in takes)


def heard(said: Sequence[Utterance], speeches: Sequence[Speech | None]) -> tuple[float, ...]:
    """For each utterance of a beat the seconds that it must last to be heard; 0 for the silent.

    A recording that says several in one go gives each as much time as it has letters.
    After a question there is time to think.
    """
    found = [0.0] * len(said)
    for place, speech in enumerate(speeches):
        if speech is None:
            continue
        after = place + speech.utterances
        letters = [len(words.words) or 1 for words in said[place:after]]
        for offset, own in enumerate(letters):
            found[place + offset] = speech.seconds * own / sum(letters)
        found[place] += LEAD
        found[after - 1] += pause(said, after - 1)
    return tuple(found)


def pause(said: Sequence[Utterance], place: int) -> float:
    """Seconds of quiet after one of a beat's utterances."""
    if said[place].asks:
        return THINKING
    return TAIL if place == len(said) - 1 else BREATH


def waiting(clip: Clip, said: Sequence[Utterance], speeches: Sequence[Speech | None]) -> Clip:
    """The clip, every utterance of which lasts until it has been heard."""
    for place, seconds in enumerate(heard(said, speeches)):
        if seconds:
            clip = held(clip, place, seconds)
    return clip


def _speech(take: Take, cache: Cache) -> Speech:
    """A sound, from the cache if it has been made before."""
    # Only here: it takes NumPy, and few films speak.
    from pagereel.render.speech.loudness import PEAK, TARGET, even, resampled

    digest = hashlib.sha256(f"{TARGET} {PEAK}\n{take.identity}".encode()).hexdigest()
    key = f"{digest[:40]}.wav"
    if cache.find(key) is None:
        with cache.making(key) as path:
            spoken = path.with_suffix(".spoken.wav")
            try:
                take.write(spoken)
                samples = even(resampled(spoken, take.name))
            finally:
                spoken.unlink(missing_ok=True)
            if not samples:
                raise InputWrong(f"{take.name}: nothing can be heard")
            _write(path, samples)
    with wave.open(str(cache.folder / key)) as opened:
        return Speech(opened.readframes(opened.getnframes()), take.utterances)


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
