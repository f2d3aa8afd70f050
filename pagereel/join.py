"""Clips become one video, packet by packet: nothing is decoded or encoded again."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av


def join(paths: Sequence[Path], frames: Sequence[int], rate: int, target: Path, title: str) -> None:
    """Write the clips one after the other as a fast-start MP4.

    `frames` are the clips' lengths. All clips must come from `pagereel.encode` with one format.
    """
    out = av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"})
    with out:
        out.metadata["title"] = title
        stream, start = None, 0
        for path, length in zip(paths, frames, strict=True):
            with av.open(str(path)) as clip:
                source = clip.streams.video[0]
                if stream is None:
                    stream = out.add_stream_from_template(source)
                    stream.time_base = Fraction(1, rate)
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
                    out.mux(packet)
            start += length
