"""What a voice has said, evened to one loudness; apart, for it takes NumPy and FFmpeg."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from pagereel.errors import InputWrong, MachineFailed
from pagereel.render.speech.speech import RATE

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
