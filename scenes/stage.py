"""The one Manim scene: it plays any clip, frame by frame, into a sink. The only user of Manim.

A motion's still shapes are drawn once and kept as the renderer's static image; what moves, and
what lies over it, is drawn anew for each frame. A rest is drawn once and handed on with a count.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from manim import Animation, Group, Mobject, Scene, VMobject, linear, tempconfig
from manim.camera.camera import Camera
from manim.mobject.text.typst_mobject import MathTypst
from manim.renderer.cairo_renderer import CairoRenderer
from manim.scene.scene_file_writer import SceneFileWriter
from numpy.typing import NDArray

from scenes.clip import Clip
from scenes.layers import split_layers
from scenes.motion import Motion, derive
from scenes.outline import Curves, Part, outline
from scenes.shapes import Formula, Picture, Rgba, Shape

PIXELS = 135.0
"""1080p pixels in one of Manim's units of length."""
LINE = 100 / PIXELS
"""Manim's stroke width for a line of one pixel: it draws a hundredth of a unit for each."""

Pixels = NDArray[np.uint8]
"""Shape (height, width, 4): red, green, blue, opacity."""


class Sink(Protocol):
    """Takes the frames of a clip, in order."""

    def show(self, pixels: Pixels, count: int) -> None:
        """One image, to be shown for so many frames. The array belongs to the sink from now on."""
        ...


def play_clip(clip: Clip, height: int, sink: Sink) -> None:
    """Draw every frame of a clip at a height in pixels. Raises what the sink raises."""
    with _configured(clip.opening, height, clip.rate, opaque=True):
        ClipScene(clip, sink).render()


def draw_picture(picture: Picture, height: int, *, opaque: bool = True) -> Pixels:
    """One painted picture as pixels, without its background unless `opaque`."""
    with _configured(picture, height, 1, opaque=opaque):
        stills = _Stills()
        scene = ClipScene(Clip(picture, (), 1), stills)
        scene.render()
        return stills.images[0]


class _Stills:
    """A sink that keeps what it is shown."""

    def __init__(self) -> None:
        self.images: list[Pixels] = []

    def show(self, pixels: Pixels, count: int) -> None:
        self.images.append(pixels)


class _ToSink(SceneFileWriter):  # type: ignore[misc]  # Manim's types do not reach mypy
    """Stands where Manim writes files: every frame goes to the sink, nothing to the disk."""

    sink: Sink

    def begin_animation(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # Manim's signature
        """No partial movie file."""

    def end_animation(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # Manim's signature
        """No partial movie file."""

    def write_frame(self, pixels: Pixels, *, repeat: int = 1) -> None:
        """Hand the frame on."""
        self.sink.show(pixels, repeat)


class ClipScene(Scene):  # type: ignore[misc]  # Manim's types do not reach mypy
    """Plays one clip: a frame of the opening, then a motion and a rest for each leg."""

    def __init__(self, clip: Clip, sink: Sink) -> None:
        writer = type("ToSink", (_ToSink,), {"sink": sink})
        super().__init__(renderer=CairoRenderer(file_writer_class=writer, camera_class=Camera))
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
        self.add(Drawing(picture.shapes, picture))
        self.renderer.static_image = None
        self.renderer.update_frame(self)
        self.renderer.add_frame(self.renderer.get_frame(), count)

    def _move(self, motion: Motion, count: int) -> None:
        still, moving = split_layers(motion)
        self.clear()
        frame = self._clip.opening
        self.add(Drawing([track.after for track in still if track.after is not None], frame))
        layer = Drawing((), frame)
        self.add(layer)
        # Half a frame short: Manim draws frames up to, and not including, the end.
        seconds = (count - 0.5) / self._clip.rate
        self.play(Move(layer, moving, count, run_time=seconds, rate_func=linear))


class Drawing(Group):  # type: ignore[misc]  # Manim's types do not reach mypy
    """Shapes as Manim objects, redrawn from scratch as often as needed."""

    def __init__(self, shapes: Sequence[Shape], frame: Picture) -> None:
        super().__init__()
        self._centre = np.array([frame.width / 2, frame.height / 2])
        self.show(shapes)

    def show(self, shapes: Sequence[Shape]) -> None:
        """Draw these shapes instead of the ones before; the objects are used again."""
        parts = [part for shape in shapes for part in outline(shape, typeset)]
        pool: list[Mobject] = self.submobjects
        while len(pool) < len(parts):
            pool.append(_Curves())
        del pool[len(parts) :]
        for curves, part in zip(pool, parts, strict=True):
            curves.become_part(part, self._centre)


class _Curves(VMobject):  # type: ignore[misc]  # Manim's types do not reach mypy
    """Cubic curves with one fill and one stroke."""

    def become_part(self, part: Part, centre: NDArray[np.float64]) -> None:
        """Take the part's curves, from pixels (y down) to Manim's units (y up, from the centre)."""
        flat = part.curves.reshape(-1, 2)
        points = np.zeros((len(flat), 3))
        points[:, :2] = (flat - centre) * (1 / PIXELS, -1 / PIXELS)
        self.points = points
        self.fill_rgbas = np.array([part.fill])
        self.stroke_rgbas = np.array([part.stroke])
        self.stroke_width = part.line * LINE


class Move(Animation):  # type: ignore[misc]  # Manim's types do not reach mypy
    """Plays tracks on a drawing, one picture a frame."""

    def __init__(self, drawing: Drawing, tracks: Motion, count: int, **kwargs: Any) -> None:  # noqa: ANN401  # Manim's own keywords
        super().__init__(drawing, **kwargs)
        self._tracks, self._count = tracks, count

    def begin(self) -> None:
        """Draw the first frame; the drawing needs no copy of itself to start from."""
        self.starting_mobject = self.mobject
        self.interpolate(0)

    def interpolate(self, alpha: float) -> None:
        """Draw the frame at `alpha`; frames lie evenly between both pictures."""
        frame = round(alpha * (self._count - 0.5))
        self.mobject.show(self._tracks.at(min(frame + 1, self._count) / (self._count + 1)))


@lru_cache(maxsize=64)
def _typeset(typst: str) -> Curves:
    """A formula's outlines, scaled to a height of 1, from (0, 0) down to the right."""
    formula = MathTypst(typst)
    points = [np.asarray(m.points) for m in formula.family_members_with_points()]
    flat = np.concatenate(points)[:, :2] * (1, -1)
    low, high = flat.min(axis=0), flat.max(axis=0)
    return ((flat - low) / (high[1] - low[1])).reshape(-1, 4, 2)


def typeset(formula: Formula) -> Curves:
    """The formula's outlines inside its box, as large as fits, centred in height."""
    curves = _typeset(formula.typst)
    width = float(curves[..., 0].max())
    scale = min(formula.box.h, formula.box.w / width)
    return curves * scale + (formula.box.x, formula.box.centre[1] - scale / 2)


def _hex(colour: object) -> str:
    assert isinstance(colour, Rgba), "only painted pictures are drawn"
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in colour[:3])


class _Media:
    """A folder for what Manim writes on the side (typeset formulas), gone with the process."""

    folder: tempfile.TemporaryDirectory[str] | None = None

    @classmethod
    def path(cls) -> str:
        if cls.folder is None:
            cls.folder = tempfile.TemporaryDirectory(prefix="pagereel-")
        return cls.folder.name


def _configured(picture: Picture, height: int, rate: int, *, opaque: bool) -> Any:  # noqa: ANN401  # Manim's context manager
    """Manim's settings for this picture; the only place that touches them."""
    width = round(height * picture.width / picture.height)
    return tempconfig(
        {
            "pixel_width": width,
            "pixel_height": height,
            "frame_width": picture.width / PIXELS,
            "frame_height": picture.height / PIXELS,
            "frame_rate": rate,
            "background_color": _hex(picture.background),
            "background_opacity": 1.0 if opaque else 0.0,
            "media_dir": _Media.path(),
            "dry_run": True,
            "disable_caching": True,
            "progress_bar": "none",
            "verbosity": "ERROR",
        }
    )
