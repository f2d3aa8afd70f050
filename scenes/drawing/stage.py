"""The Manim stage: one scene class that plays any clip. The only user of Manim.

Nothing is written: the frames go to a sink, and formulas are none of Manim's business.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from manim import Animation, Scene, linear, tempconfig
from manim.renderer.cairo_renderer import CairoRenderer
from manim.scene.scene_file_writer import SceneFileWriter
from numpy.typing import NDArray

from pagereel.scenes.drawing.paths import PIXELS, Drawing, PathCamera
from pagereel.scenes.shapes.clip import Clip
from pagereel.scenes.shapes.motion import Motion, derive, split_layers
from pagereel.scenes.shapes.picture import Picture, Rgba

Pixels = NDArray[np.uint8]
"""Shape (height, width, 4): red, green, blue, opacity."""


class Sink(Protocol):
    """Takes the frames of a clip, in order."""

    def show(self, pixels: Pixels, count: int) -> None:
        """One image, to be shown for so many frames. The array belongs to the sink from now on."""
        ...


def play_clip(clip: Clip, height: int, sink: Sink, opacity: float = 1) -> None:
    """Draw every frame of a clip at a height in pixels. Raises what the sink raises.

    `opacity` is the background's, as in `draw_picture`.
    """
    taker = sink if opacity == 1 else _Straightening(sink, clip.opening)
    with _configured(clip.opening, height, clip.rate, opacity=opacity):
        ClipScene(clip, taker).render()


def draw_picture(picture: Picture, height: int, opacity: float = 1) -> Pixels:
    """One painted picture as pixels; `opacity` is the background's.

    With a background of opacity 0 the colours are those of the shapes alone (straight alpha).
    """
    stills = _Stills()
    with _configured(picture, height, 1, opacity=opacity):
        ClipScene(Clip(picture, (), 1), stills).render()
    pixels = stills.images[0]
    return pixels if opacity == 1 else _straight(pixels, picture)


def _straight(pixels: Pixels, picture: Picture) -> Pixels:
    """Cairo's premultiplied colours divided by their opacity, as files want them.

    What is wholly clear has the background's colour, so that no other one bleeds into edges where
    a video keeps colour coarser than light.
    """
    alpha = pixels[..., 3]
    straight = pixels.copy()
    straight[alpha == 0, :3] = _background(picture)
    edges = (alpha > 0) & (alpha < 255)
    colours = pixels[edges, :3] * 255.0 / alpha[edges, None]
    straight[edges, :3] = colours.round().clip(0, 255)
    return straight


class _Straightening:
    """A sink in front of another: hands frames on with straight alpha."""

    def __init__(self, sink: Sink, picture: Picture) -> None:
        self._sink, self._picture = sink, picture

    def show(self, pixels: Pixels, count: int) -> None:
        self._sink.show(_straight(pixels, self._picture), count)


class _Stills:
    """A sink that keeps what it is shown."""

    def __init__(self) -> None:
        self.images: list[Pixels] = []

    def show(self, pixels: Pixels, count: int) -> None:
        self.images.append(pixels)


class _ToSink(SceneFileWriter):
    """Stands where Manim writes files: every frame goes to the sink, nothing to the disk."""

    sink: Sink

    def begin_animation(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as in Manim
        """No partial movie file."""

    def end_animation(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as in Manim
        """No partial movie file."""

    def write_frame(self, pixels: Any, *, repeat: int = 1) -> None:  # noqa: ANN401  # as in Manim
        """Hand the frame on."""
        self.sink.show(pixels, repeat)


class ClipScene(Scene):
    """Plays one clip: a frame of the opening, then a motion and a rest for each leg."""

    def __init__(self, clip: Clip, sink: Sink) -> None:
        writer = type("ToSink", (_ToSink,), {"sink": sink})
        self._cairo = CairoRenderer(file_writer_class=writer, camera_class=PathCamera)
        super().__init__(renderer=self._cairo)
        self._clip = clip

    def construct(self) -> None:
        """Draw the frames, in order."""
        self._rest(self._clip.opening, 1)
        before = self._clip.opening
        for leg in self._clip.legs:
            if leg.motion:
                self._move(derive(before, leg.picture), leg.motion)
            self._rest(leg.picture, leg.rest)
            before = leg.picture

    def _rest(self, picture: Picture, count: int) -> None:
        self.clear()
        self.add(Drawing(picture.shapes))
        self._cairo.static_image = None
        self._cairo.update_frame(self)
        self._cairo.add_frame(self._cairo.get_frame(), count)

    def _move(self, motion: Motion, count: int) -> None:
        still, moving = split_layers(motion)
        layer = Drawing(())
        self.clear()
        self.add(Drawing([track.after for track in still if track.after is not None]), layer)
        # Half a frame short: Manim draws frames up to, and not including, the end.
        seconds = (count - 0.5) / self._clip.rate
        self.play(_Move(layer, moving, count, run_time=seconds, rate_func=linear))

    def get_moving_and_static_mobjects(
        self,
        animations: Any,  # noqa: ANN401  # as in Manim
    ) -> tuple[list[Any], list[Any]]:
        """What moves, as the whole that it is. Manim would list its parts as they are now: those
        that a later frame adds would then be drawn first, and lie under all others."""
        _, still = super().get_moving_and_static_mobjects(animations)
        return [animation.mobject for animation in animations], still


class _Move(Animation):
    """Plays a motion on a drawing; its frames lie evenly between both pictures."""

    def __init__(self, layer: Drawing, motion: Motion, count: int, **kwargs: Any) -> None:  # noqa: ANN401  # as in Manim
        super().__init__(layer, **kwargs)
        self._layer = layer
        self._motion, self._count = motion, count

    def begin(self) -> None:
        """Draw the first frame; the layer needs no copy of itself to start from."""
        self.starting_mobject = self.mobject
        self.interpolate(0)

    def interpolate(self, alpha: float) -> None:
        """Draw the frame at `alpha`, a share of the run time."""
        frame = round(alpha * (self._count - 0.5))
        self._layer.draw(self._motion.at(min(frame + 1, self._count) / (self._count + 1)))


def _background(picture: Picture) -> tuple[int, int, int]:
    """The background's colour, 0 to 255."""
    assert isinstance(picture.background, Rgba), "only painted pictures are drawn"
    red, green, blue = (round(channel * 255) for channel in picture.background[:3])
    return red, green, blue


def _configured(picture: Picture, height: int, rate: int, opacity: float) -> Any:  # noqa: ANN401  # as in Manim
    """Manim's settings for this picture; the only place that touches them."""
    # Cairo's colours are premultiplied, and Manim hands the background over as it is.
    red, green, blue = (round(channel * opacity) for channel in _background(picture))
    return tempconfig(
        {
            "pixel_width": picture.pixel_width(height),
            "pixel_height": height,
            "frame_width": picture.width / PIXELS,
            "frame_height": picture.height / PIXELS,
            "frame_rate": rate,
            "background_color": f"#{red:02x}{green:02x}{blue:02x}",
            "background_opacity": float(opacity),
            "dry_run": True,
            "disable_caching": True,
            "progress_bar": "none",
            "verbosity": "ERROR",
        }
    )


__all__ = ["Pixels", "Sink", "draw_picture", "play_clip"]
