"""Frames become H.264: one encoder for every clip, so that clips join without re-encoding.

yuv420p, BT.709 throughout (conversion and tags), constant frame rate, one slice thread so that the
bytes do not depend on the machine. An image that is shown for many frames is converted once.
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
from numpy.typing import NDArray

OPTIONS = {"preset": "veryfast", "crf": "16", "tune": "animation"}
X264 = "threads=1:keyint=300:colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"
"""What the encoder is told; part of a clip's identity."""


class ClipEncoder:
    """Writes one clip; implements `scenes.stage.Sink`. A context manager: leaving it finishes."""

    def __init__(self, path: Path, width: int, height: int, rate: int) -> None:
        self._container = av.open(str(path), "w", format="mp4")
        options = OPTIONS | {"x264-params": X264}
        stream = self._container.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, rate)
        context = stream.codec_context
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709
        context.colorspace = Colorspace.ITU709
        context.color_range = ColorRange.MPEG
        self._stream, self._rate, self._next = stream, rate, 0

    def show(self, pixels: NDArray[np.uint8], count: int) -> None:
        """Encode one image, shape (height, width, 4), for `count` frames."""
        image = VideoFrame.from_ndarray(pixels, format="rgba").reformat(
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        image.time_base = Fraction(1, self._rate)
        for _ in range(count):
            image.pts = self._next
            self._next += 1
            self._container.mux(self._stream.encode(image))

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
