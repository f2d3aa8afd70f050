"""What a voice has said, brought to one loudness; apart, for it takes NumPy and FFmpeg.

Loudness and true peaks are those of ITU-R BS.1770-4, as FFmpeg's filter `ebur128` measures them.
Each speech is brought to the target by itself, and what is left over when a film is put together
(pauses weigh differently in a whole) is one gain for all of it: no voice gets louder or softer
within a film.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import av.filter
import numpy as np
from numpy.typing import NDArray

from pagereel.errors import InputWrong
from pagereel.render.speech.speech import RATE

TARGET = -16.0
"""Loudness units below full scale (LUFS): what players and podcasts expect of speech."""
PEAK, WHOLE_PEAK = -2.5, -1.5
"""The highest true peaks, in decibels (dBTP), of one speech and of a film before it is encoded:
so the film has room for its gain, and the encoder stays below -1."""
MOST_LIMITED = 18.0
"""Decibels by which peaks are held down at most. Voices need a few, synthetic ones up to 12."""
LONGEST = 180
"""Seconds that a beat's speech may take; its caption is read out in a third of that."""
SILENT, FAINT = 0.001, 10 ** (-45 / 20)
"""The peak below which nothing is heard, and the share of it from which on speech is speech."""
MARGIN, FADE = RATE * 2 // 25, RATE // 100
"""Samples around speech that are kept, for soft sounds; and of them, those that fade in and out."""
_NONE = -70.0
_PIECE = RATE // 10
_CLOSE = 0.03

Samples = NDArray[np.float64]


def resampled(path: Path, name: str) -> Samples:
    """A WAV file as samples of -1 to 1, one channel at `RATE`.

    Raises `InputWrong`, by that name, if it is too long or no sound.
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
                    raise InputWrong(f"{name}: this takes more than {LONGEST} seconds")
            parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
    except (av.FFmpegError, IndexError) as problem:
        raise InputWrong(f"{name}: this is no sound that can be read") from problem
    return np.concatenate(parts).astype(np.float64) if parts else np.zeros(0)


def even(samples: Samples) -> bytes:
    """The samples at the target loudness, silence at both ends cut off, as 16-bit numbers.

    Peaks are held down where they stand in the way. Empty for silence.
    """
    heard = _trimmed(samples)
    if not len(heard):
        return b""
    most = PEAK + MOST_LIMITED - 20 * float(np.log10(np.abs(heard).max()))
    gain = min(TARGET - _in_a_film(heard), most)
    made = _limited(heard, gain)
    reached, rise = _in_a_film(made), 1.0
    for _ in range(8):
        if abs(TARGET - reached) < _CLOSE or (reached < TARGET and gain >= most):
            break
        before = gain, reached
        gain = min(gain + (TARGET - reached) / rise, most)
        made = _limited(heard, gain)
        reached = _in_a_film(made)
        # The more is held down, the less a decibel of gain raises the whole.
        rise = max((reached - before[1]) / (gain - before[0]), 0.2)
    return _numbers(made)


def mastered(track: bytes) -> bytes:
    """A film's whole sound, of evened speech and pauses, at the target loudness."""
    samples = np.frombuffer(track, dtype="<i2").astype(np.float32) / 32767
    peak = float(np.abs(samples).max(initial=0))
    if peak < SILENT:
        return track
    gain = min(TARGET - loudness(samples), WHOLE_PEAK - 20 * float(np.log10(peak)))
    return _numbers(samples * 10 ** (gain / 20))


def loudness(samples: NDArray[np.floating]) -> float:
    """Integrated loudness in LUFS; -70 for silence, and for less than 0.4 s."""
    return _measured(samples, "metadata=1", "lavfi.r128.I", _NONE)


def true_peak(samples: NDArray[np.floating]) -> float:
    """The highest peak between samples or on them, in decibels below full scale (dBTP)."""
    whole = np.concatenate([samples, np.zeros(_PIECE)])
    highest = _measured(whole, "metadata=1:peak=true", "lavfi.r128.true_peak", 0.0)
    return 20 * float(np.log10(max(highest, 1e-6)))


def _in_a_film(samples: Samples) -> float:
    """The loudness of speech between pauses, as it will be heard."""
    pause = np.zeros(4 * _PIECE)
    return loudness(np.concatenate([pause, samples, pause]))


def _trimmed(samples: Samples) -> Samples:
    """Speech without the silence around it, fading in and out."""
    peak = float(np.abs(samples).max(initial=0))
    if peak < SILENT:
        return samples[:0]
    heard = np.flatnonzero(np.abs(samples) > peak * FAINT)
    kept = samples[max(0, heard[0] - MARGIN) : heard[-1] + MARGIN].copy()
    ramp = np.linspace(0, 1, min(FADE, len(kept)))
    kept[: len(ramp)] *= ramp
    kept[len(kept) - len(ramp) :] *= ramp[::-1]
    return kept


def _limited(samples: Samples, gain: float) -> Samples:
    """The samples, louder by so many decibels, with no true peak over `PEAK`.

    Peaks between samples are found at four times the rate.
    """
    limit = f"limit={10 ** (PEAK / 20):.6f}:attack=5:release=80:level=0:latency=1"
    frames = _filtered(
        samples,
        ("volume", f"{gain:.4f}dB"),
        ("aresample", str(4 * RATE)),
        ("alimiter", limit),
        ("aresample", str(RATE)),
        ("aformat", "sample_fmts=flt"),
    )
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float64)


def _measured(samples: NDArray[np.floating], how: str, what: str, otherwise: float) -> float:
    """The last of the figures that the meter gives, one each tenth of a second."""
    told = [frame.metadata.get(what) for frame in _filtered(samples, ("ebur128", how))]
    return next((float(figure) for figure in reversed(told) if figure), otherwise)


def _filtered(samples: NDArray[np.floating], *filters: tuple[str, str]) -> Iterator[av.AudioFrame]:
    """What comes out of a chain of FFmpeg's filters."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="flt", sample_rate=RATE, layout="mono")
    sink = graph.add("abuffersink")
    graph.link_nodes(source, *(graph.add(*each) for each in filters), sink).configure()
    for start in range(0, len(samples), _PIECE):
        piece = np.ascontiguousarray(samples[None, start : start + _PIECE], dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout="mono")
        frame.sample_rate, frame.pts = RATE, start
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: av.filter.Graph) -> Iterator[av.AudioFrame]:
    try:
        while True:
            frame = graph.pull()
            assert isinstance(frame, av.AudioFrame), "the chain carries sound"
            yield frame
    except (av.BlockingIOError, av.EOFError):
        return


def _numbers(samples: NDArray[np.floating]) -> bytes:
    return bytes((samples * 32767).round().astype("<i2").tobytes())
