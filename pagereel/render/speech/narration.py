"""Spoken captions: a narrator turns text into sound, beats wait for it, loudness is evened.

What is spoken is kept beside the clips by content, so a voice is asked for a text once.
"""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from pagereel.errors import InputWrong, MachineFailed
from pagereel.render.speech.speech import RATE, Narrator, Speech
from pagereel.scenes.shapes.clip import Clip
from pagereel.storage.cache import Cache

TARGET = -16.0
"""Loudness units below full scale: what players and podcasts expect of speech."""
PEAK = 10 ** (-1.5 / 20)
"""No sample is louder, so that the encoder has room."""
LONGEST = 180
"""Seconds that a beat's speech may take; its caption is read out in a third of that."""
_QUIET = -70.0

Samples = NDArray[np.float64]


def resampled(path: Path) -> Samples:
    """A WAV file as samples of -1 to 1, one channel at `RATE`.

    Raises `MachineFailed`, and `InputWrong` if it is too long.
    """
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    parts: list[NDArray[np.float32]] = []
    heard = 0
    try:
        with av.open(str(path), format="wav") as opened:  # other kinds may name more files
            for frame in opened.decode(audio=0):
                parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
                heard += frame.samples
                if heard > LONGEST * frame.sample_rate:
                    raise InputWrong(f"what is said in a beat takes more than {LONGEST} seconds")
            parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
    except (av.FFmpegError, IndexError) as problem:
        raise MachineFailed(f"{path.name} is not a sound file that can be read") from problem
    return np.concatenate(parts).astype(np.float64) if parts else np.zeros(0)


def even(samples: Samples) -> bytes:
    """The samples at the target loudness, silence at both ends cut off, as 16-bit numbers."""
    heard = np.flatnonzero(np.abs(samples) > 0.003)
    if not len(heard):
        return b""
    margin = RATE // 50
    samples = samples[max(0, heard[0] - margin) : heard[-1] + margin]
    gain = 10 ** ((TARGET - loudness(samples)) / 20)
    gain = min(gain, PEAK / float(np.abs(samples).max()))
    return (samples * gain * 32767).round().astype("<i2").tobytes()


def loudness(samples: Samples) -> float:
    """Integrated loudness in LUFS; of a sound shorter than a block, its mean."""
    weighted = _weighted(samples)
    size, step = RATE * 2 // 5, RATE // 10
    starts = range(0, max(1, len(weighted) - size + 1), step)
    power = np.array([float(np.mean(weighted[start : start + size] ** 2)) for start in starts])
    loud = power[_units(power) > _QUIET]
    if not len(loud):
        return _QUIET
    gated = loud[_units(loud) > _units(np.array([loud.mean()]))[0] - 10]
    return float(_units(np.array([gated.mean()]))[0])


def _units(power: Samples) -> Samples:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-12)), dtype=np.float64)


def _weighted(samples: Samples) -> Samples:
    """The sound as ears hear it: a shelf above 1.7 kHz and a high pass at 38 Hz."""
    size = 1 << (len(samples) + RATE // 4).bit_length()
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    response = np.ones_like(z)
    for (b0, b1, b2), (a1, a2) in _FILTERS:
        response *= (b0 + b1 * z + b2 * z * z) / (1 + a1 * z + a2 * z * z)
    return np.fft.irfft(np.fft.rfft(samples, size) * response, size)[: len(samples)]


_FILTERS = (
    (
        (1.53512485958697, -2.69169618940638, 1.19839281085285),
        (-1.69065929318241, 0.73248077421585),
    ),
    ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621)),
)
"""The two filters of BS.1770-4, table 1 and 2, for 48 kHz."""


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
    from pagereel.render.speech.narration import even, resampled

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
