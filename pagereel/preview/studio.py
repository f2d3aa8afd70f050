"""What the browser is told: a storyboard's page data as it was last saved, or what is wrong.

A save is read, played and baked at once, for one canvas. No Manim.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pagereel.model.storyboard.timeline import Timeline
from pagereel.page.formulas import outlines
from pagereel.read import StoryboardProblems, read_timeline
from pagereel.render.settings import Settings
from pagereel.scenes.page.bake import bake


@dataclass(frozen=True, slots=True)
class Played:
    """The last version of the file that could be played."""

    timeline: Timeline
    story: dict[str, Any]
    """What a page is given of it."""


@dataclass(slots=True)
class Studio:
    """One storyboard, as it was last saved."""

    path: Path
    overrides: tuple[str, ...]
    settings: Settings
    version: int = 0
    """Raised whenever what is shown has changed."""
    problems: str = ""
    """What is wrong with the file now; empty: nothing."""
    played: Played | None = None

    def load(self) -> bool:
        """Read the file again; whether there is anything new to show."""
        try:
            timeline = read_timeline(self.path, self.overrides)
            if self.played and self.played.timeline == timeline and not self.problems:
                return False
            self.played = Played(timeline, self._bake(timeline))
        except StoryboardProblems as problems:
            return self.fail(str(problems).replace(str(self.path), self.path.name))
        except OSError as problem:
            return self.fail(f"{self.path.name}: {problem.strerror}")
        except Exception as problem:  # a fault of ours must not end the author's session
            return self.fail(f"pagereel cannot show this: {problem!r}")
        self.version += 1
        self.problems = ""
        return True

    def fail(self, problems: str) -> bool:
        """Keep what was shown last, and say what is wrong."""
        if self.problems == problems:
            return False
        self.version += 1
        self.problems = problems
        return True

    def _bake(self, timeline: Timeline) -> dict[str, Any]:
        screens = {self.settings.aspect: self.settings.canvas}
        return bake(timeline, screens, outlines([timeline.storyboard.geometry]))
