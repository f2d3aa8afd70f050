"""The kinds of video there are: what each is stored as, and what it can carry."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of video file; its name is the file's suffix."""

    name: str
    codec: str = ""
    """The video encoder; empty for GIF, which is written without one."""
    pixels: str = ""
    options: dict[str, str] = field(default_factory=dict)
    """What the encoder is told; part of a clip's identity."""
    captions: str = ""
    """How a track of captions is stored; empty: there is none."""
    audio: str = ""
    clear: bool = False
    """Whether the background is left out, for laying over something else."""
    alone: bool = False
    """Whether each frame is stored by itself; one that is shown again is stored again as it is."""
    about: str = ""
    """What there is to say of it where it is chosen."""


_X264 = (
    "threads=1:cpu-independent=1:keyint=300:"
    "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"
)
"""The same bytes on every processor. Each has code of its own for the macroblock tree, which rounds
as it sees fit; that for AVX-512 reads memory nobody has written where a row has under 16 blocks."""
_H264 = {"preset": "veryfast", "crf": "16", "tune": "animation", "x264-params": _X264}
_VP9 = {
    "crf": "18",
    "b": "0",
    "deadline": "realtime",
    "cpu-used": "8",
    "threads": "1",
    "auto-alt-ref": "0",
    "lag-in-frames": "0",
}
"""No frames out of order: a frame's opacity travels with its own packet."""
_PRORES = {"profile": "4444", "alpha_bits": "8", "flags": "+qscale", "global_quality": "472"}
"""A steady quality in place of a steady size: flat areas cost little."""

FORMATS = {
    known.name: known
    for known in (
        Format("mp4", "libx264", "yuv420p", _H264, "mov_text", "aac"),
        Format("webm", "libvpx-vp9", "yuva420p", _VP9, "webvtt", "libopus", clear=True,
               about="with a clear background"),
        Format("mov", "prores_ks", "yuva444p10le", _PRORES, "mov_text", "aac", clear=True,
               alone=True, about="ProRes 4444 with a clear background"),
        Format("gif", about="800 px and small"),
    )
}  # fmt: skip
