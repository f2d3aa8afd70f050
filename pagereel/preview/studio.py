"""What the browser shows: the pictures of a storyboard as SVG, or what is wrong with the file.

From the pure half of scenes alone: no Manim. A save is read and played at once; a picture is made
when the browser asks for it, so what is on screen does not wait for the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pagereel.model.storyboard.timeline import Timeline
from pagereel.read import StoryboardProblems, read_timeline
from pagereel.render.fonts import typefaces
from pagereel.render.settings import Settings
from pagereel.render.svg_pens import outlined
from pagereel.scenes.canvas import Parts, arrange
from pagereel.scenes.pictures.compose import compose_beat, picture_count
from pagereel.scenes.shapes.picture import Box
from pagereel.scenes.shapes.typeface import visible
from pagereel.scenes.style import paint
from pagereel.scenes.svg import Pen, svg


@dataclass(frozen=True, slots=True)
class Played:
    """The last version of the file that could be played."""

    version: int
    timeline: Timeline


@dataclass(slots=True)
class Studio:
    """One storyboard, as it was last saved."""

    path: Path
    overrides: tuple[str, ...]
    settings: Settings
    version: int = 0
    """Raised whenever what is shown has changed."""
    shown: dict[str, Any] = field(default_factory=dict)
    """What the browser is told: title, beats and lanes; and problems, if there are any."""
    played: Played | None = None

    def load(self) -> bool:
        """Read the file again; whether there is anything new to show."""
        try:
            timeline = read_timeline(self.path, self.overrides)
        except StoryboardProblems as problems:
            return self.fail(str(problems).replace(str(self.path), self.path.name))
        except OSError as problem:
            return self.fail(f"{self.path.name}: {problem.strerror}")
        except Exception as problem:  # a fault of ours must not end the author's session
            return self.fail(f"pagereel cannot show this: {problem!r}")
        if self.played and self.played.timeline == timeline and not self.shown["problems"]:
            return False
        self.version += 1
        self.played = Played(self.version, timeline)
        self.shown = self._describe(timeline)
        return True

    def fail(self, problems: str) -> bool:
        """Keep what was shown last, and say what is wrong."""
        if self.shown.get("problems") == problems:
            return False
        self.version += 1
        self.shown = self.shown | {"problems": problems}
        return True

    def _describe(self, timeline: Timeline) -> dict[str, Any]:
        canvas, lanes = self.settings.canvas, timeline.storyboard.lanes
        boxes = arrange(canvas, Parts(len(lanes))).lanes
        return {
            "title": visible(timeline.storyboard.title),
            "version": self.version,
            "size": [canvas.width, canvas.height],
            "beats": [
                {"title": visible(played.beat.title), "steps": picture_count(timeline, index)}
                for index, played in enumerate(timeline.beats)
            ],
            "lanes": [
                {"title": visible(spec.title), "box": _around(box)}
                for spec, box in zip(lanes, boxes, strict=True)
            ],
            "problems": "",
        }

    def drawing(self, version: int, beat: int, step: int) -> str:
        """One picture as SVG. Raises LookupError for what is not shown any more."""
        played = self.played
        if played is None or played.version != version or min(beat, step) < 0:
            raise LookupError("another version is shown")
        if beat >= len(played.timeline.beats):
            raise LookupError("there is no such beat")
        picture = compose_beat(played.timeline, beat, self.settings.canvas, typefaces())[step]
        return svg(paint(picture, self.settings.colours), _PEN)


_PEN = Pen(formula=outlined, style="")
"""The page has a style sheet for all of them."""


def _around(box: Box) -> Sequence[float]:
    """The part of the picture that a lane takes, with some air."""
    return [round(value, 1) for value in box.inset(-24)]
