"""Clips become one video, packet by packet: no picture is decoded or encoded again.

Chapters, captions and sound are laid beside the pictures, and the file says what it is.
"""

from __future__ import annotations

import heapq
import html
import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av

from pagereel.render.encoding.formats import FORMATS, Format
from pagereel.render.plan import Chapter, Cover
from pagereel.render.speech.subtitles import Cue

_FLAGS = 3
"""Where the flags' last byte stands in a track header, after the version; 1 there is "enabled"."""
_CAPTIONS = (b"sbtl", b"text")


def hide_captions(path: Path) -> None:
    """Clear "enabled" in every caption track, so that players show it only when asked to.

    The muxer enables the first track of each kind whatever it is told. The list of chapters is
    such a track already and stays as it is.
    """
    with path.open("r+b") as opened:
        start, size = _index(opened)
        opened.seek(start)
        data = bytearray(opened.read(size))
        for name, first, last in _boxes(data, 8, size):
            if name == b"trak" and _handler(data, first, last) in _CAPTIONS:
                _disable(data, first, last)
        opened.seek(start)
        opened.write(data)


def _index(opened: BinaryIO) -> tuple[int, int]:
    """Where the file's index starts, and its size; the pictures themselves are not read."""
    start, head = 0, opened.read(16)
    while head[4:8] != b"moov":
        size = int.from_bytes(head[:4], "big")
        start += int.from_bytes(head[8:16], "big") if size == 1 else size
        opened.seek(start)
        head = opened.read(16)
        assert len(head) == 16, "a video has an index"
    return start, int.from_bytes(head[:4], "big")


def _boxes(data: bytearray, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, where its contents start, where they end) of each box in a stretch."""
    while start + 8 <= end:
        stop = start + int.from_bytes(data[start : start + 4], "big")
        assert start + 8 <= stop <= end, "we wrote this file ourselves"
        yield bytes(data[start + 4 : start + 8]), start + 8, stop
        start = stop


def _handler(data: bytearray, start: int, end: int) -> bytes:
    """What a track is for."""
    for name, first, last in _boxes(data, start, end):
        if name == b"mdia":
            return _handler(data, first, last)
        if name == b"hdlr":
            return bytes(data[first + 8 : first + 12])
    return b""


def _disable(data: bytearray, start: int, end: int) -> None:
    for name, first, _ in _boxes(data, start, end):
        if name == b"tkhd":
            data[first + _FLAGS] &= ~1


MILLI = Fraction(1, 1000)
SOUND_RATE = 48_000
"""Sound samples a second."""


def join(
    paths: Sequence[Path],
    frames: Sequence[int],
    rate: int,
    target: Path,
    cover: Cover,
    form: Format = FORMATS["mp4"],
) -> None:
    """Write the clips one after the other; an MP4 starts to play before it is loaded.

    `frames` are the clips' lengths. All clips must come from `encoding` with this format.
    """
    out = av.open(str(target), "w", format=form.name, options=_options(form, cover))
    with out:
        tags = {"title": cover.title, "artist": cover.author, "date": cover.date}
        out.metadata.update(
            {name: text for name, text in (tags | {"comment": cover.about}).items() if text}
        )
        out.set_chapters([_chapter(i, c) for i, c in enumerate(cover.chapters, 1)])
        with av.open(str(paths[0])) as first:
            pictures = out.add_stream_from_template(first.streams.video[0])
            if form.name == "webm":
                # A decoder that knows no opacity says yuv420p, and players would look for none.
                pictures.codec_context.pix_fmt = form.pixels
        pictures.time_base = Fraction(1, rate)
        tracks = [_pictures(paths, frames, rate, pictures)]
        if cover.sound and form.audio:
            tracks.append(_sound(cover.sound, form, out))
        if cover.captions and form.captions:
            tracks.append(_captions(cover.captions, form, out))
        for packet in heapq.merge(*tracks, key=_moment):
            out.mux(packet)
    if form.captions == "mov_text" and cover.captions and not cover.show_captions:
        hide_captions(target)


def _moment(packet: av.Packet[Any]) -> Fraction:
    """When a packet is needed, in seconds."""
    assert packet.dts is not None, "every packet has its time"
    return packet.dts * packet.time_base


def _options(form: Format, cover: Cover) -> dict[str, str]:
    if form.name != "webm":
        return {"movflags": "+faststart"}
    mode = "infer" if cover.show_captions else "infer_no_subs"
    return {"default_mode": mode, "fflags": "+bitexact"}


def _chapter(number: int, chapter: Chapter) -> Any:  # noqa: ANN401  # PyAV's own dictionary type
    return {
        "id": number,
        "start": round(chapter.start * 1000),
        "end": round(chapter.end * 1000),
        "time_base": MILLI,
        "metadata": {"title": chapter.title},
    }


def _pictures(
    paths: Sequence[Path],
    frames: Sequence[int],
    rate: int,
    stream: Any,  # noqa: ANN401  # PyAV's stream type is generic over what it was made from
) -> Iterator[av.Packet[Any]]:
    """The clips' packets, each clip after the one before."""
    start = 0
    for path, length in zip(paths, frames, strict=True):
        with av.open(str(path)) as clip:
            source = clip.streams.video[0]
            assert source.time_base is not None, "a clip always has a time base"
            ticks = Fraction(1, rate) / source.time_base
            for packet in clip.demux(source):
                if packet.dts is None or packet.pts is None:
                    continue  # the empty packet that ends a stream
                packet.pts = round(packet.pts / ticks) + start
                packet.dts = round(packet.dts / ticks) + start
                packet.duration = 1
                packet.time_base = Fraction(1, rate)
                packet.stream = stream
                yield packet
        start += length


def _captions(
    cues: Sequence[Cue],
    form: Format,
    out: Any,  # noqa: ANN401  # PyAV's output container
) -> Iterator[av.Packet[Any]]:
    """A packet for each cue. The stream is added at once, the packets come when asked for."""
    stream = out.add_stream(form.captions)
    stream.codec_context.subtitle_header = _STYLE
    stream.time_base = MILLI
    return (_cue_packet(cue, form, stream) for cue in cues)


def _cue_packet(cue: Cue, form: Format, stream: Any) -> av.Packet[Any]:  # noqa: ANN401  # as above
    if form.captions == "mov_text":
        data = cue.text.encode()
        packet = av.Packet(struct.pack(">H", len(data)) + data)
    else:
        plain = cue.text.replace("-->", "→")
        packet = av.Packet(html.escape(plain, quote=False).encode())
    packet.stream, packet.time_base = stream, MILLI
    packet.pts = packet.dts = round(cue.start * 1000)
    packet.duration = round(cue.end * 1000) - packet.pts
    packet.is_keyframe = True
    return packet


_STYLE = b"""[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Sans,18,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
"""What the caption encoders ask for before they open."""


def _sound(
    samples: bytes,
    form: Format,
    out: Any,  # noqa: ANN401  # as above
) -> Iterator[av.Packet[Any]]:
    """The encoded sound. The stream is added at once, the packets come when asked for."""
    # FFmpeg's other AAC coder lets a sudden sound jump up to 3 dB over its peak now and then.
    options = {"aac_coder": "fast"} if form.audio == "aac" else {}
    stream = out.add_stream(form.audio, rate=SOUND_RATE, layout="mono", options=options)
    stream.bit_rate = 96_000
    return _encoded(samples, stream)


def _encoded(samples: bytes, stream: Any) -> Iterator[av.Packet[Any]]:  # noqa: ANN401  # as above
    import numpy as np

    whole = np.frombuffer(samples, dtype=np.int16)[None]
    size = SOUND_RATE // 50
    for start in range(0, whole.shape[1], size):
        part = np.ascontiguousarray(whole[:, start : start + size])
        frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
        frame.sample_rate, frame.pts = SOUND_RATE, start
        frame.time_base = Fraction(1, SOUND_RATE)
        yield from stream.encode(frame)
    yield from stream.encode(None)
