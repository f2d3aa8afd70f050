"""Frames become a clip: one encoder for every clip of a format, so that clips join as they are.

BT.709 throughout (conversion and tags), constant frame rate, one thread so that the bytes do not
depend on the machine. An image that is shown for many frames is converted once.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream
from numpy.typing import NDArray

from pagereel.render.encoding.formats import FORMATS, Format


class ClipEncoder:
    """Writes one clip; implements `Sink`. A context manager: leaving it finishes."""

    def __init__(
        self, path: Path, width: int, height: int, rate: int, form: Format = FORMATS["mp4"]
    ) -> None:
        # Bit-exact: a WebM has numbers by chance otherwise.
        self._container = av.open(str(path), "w", format=form.name, options={"fflags": "+bitexact"})
        stream = self._container.add_stream(form.codec, rate=rate, options=dict(form.options))
        assert isinstance(stream, VideoStream), "formats name video encoders"
        stream.width, stream.height, stream.pix_fmt = width, height, form.pixels
        stream.time_base = stream.codec_context.time_base = Fraction(1, rate)
        context = stream.codec_context
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709
        context.colorspace = Colorspace.ITU709
        context.color_range = ColorRange.MPEG
        self._stream, self._rate, self._next, self._form = stream, rate, 0, form

    def show(self, pixels: NDArray[np.uint8], count: int) -> None:
        """Encode one image, shape (height, width, 4), for `count` frames."""
        image = VideoFrame.from_ndarray(pixels, format="rgba").reformat(
            format=self._form.pixels,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            threads=1,  # side by side, each writes past its last row into the other's first
        )
        image.time_base = Fraction(1, self._rate)
        if self._form.alone:
            self._repeat(image, count)
            return
        for _ in range(count):
            image.pts = self._next
            self._next += 1
            self._container.mux(self._stream.encode(image))

    def _repeat(self, image: VideoFrame, count: int) -> None:
        """Encode once, store as often as it is shown."""
        image.pts = self._next
        (encoded,) = self._stream.encode(image)
        for _ in range(count):
            packet = av.Packet(bytes(encoded))
            packet.pts = packet.dts = self._next
            packet.duration, packet.is_keyframe = 1, True
            packet.time_base, packet.stream = Fraction(1, self._rate), self._stream
            self._container.mux(packet)
            self._next += 1

    def __enter__(self) -> Self:
        """The encoder itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Flush what is held back, unless something went wrong, and close the file."""
        if kind is None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
