"""A storyboard, played: read once, to be asked, looked at, and rendered."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from pagereel.api.moments import PlayedTimeline
from pagereel.errors import MachineFailed
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.packaged import storyboard_file
from pagereel.read import override_text, read_timeline
from pagereel.render.plan import Source, edition, plan
from pagereel.render.settings import MOMENTS, FrameOptions, Settings, choose

if TYPE_CHECKING:  # what draws is imported when there is something to draw
    from pagereel.outputs.frames import Frame
    from pagereel.outputs.video import Rendered

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]
"""What a storyboard's values are made of."""
USUAL = Settings()
OUTPUT = Path("output")
"""The folder that files go to where no other is named."""


def load(
    path: str | PathLike[str],
    set: Mapping[str, Plain] | None = None,  # as the command's --set
    **parameters: Plain,
) -> PlayedStoryboard:
    """Read a storyboard and play it.

    `path` is a file, or the name of a storyboard that `pagereel list` shows. `parameters` are
    settings of the storyboard's `parameters:`, as in `block_size=8`; `set` has any other value by
    its path, as in `{"requests.A.prompt": "Hello"}`. Nothing is written.

    Raises `StoryboardProblems` with every mistake of the file and of these values, in the words of
    the command (its subclass `ClaimsFail` has the timeline all the same); `InputWrong` for a name
    that nothing bears.
    """
    file = storyboard_file(Path(path))
    overrides = tuple(override_text(*pair) for pair in {**parameters, **(set or {})}.items())
    return PlayedStoryboard(Source(file, read_timeline(file, overrides), overrides))


class PlayedStoryboard:
    """One storyboard and what it comes to. In a notebook it shows its page."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def path(self) -> Path:
        """Its file."""
        return self._source.path

    @property
    def storyboard(self) -> Storyboard:
        """Its typed form."""
        return self._source.storyboard

    @cached_property
    def timeline(self) -> PlayedTimeline:
        """Every moment of every lane, as data."""
        return PlayedTimeline(self._source.timeline)

    @cached_property
    def seconds(self) -> float:
        """How long its video is at normal speed."""
        from pagereel.render.layout import seconds

        return seconds(self._source.timeline)

    def frames(
        self, each: str = MOMENTS[0], aspect: str = USUAL.aspect, theme: str = USUAL.theme
    ) -> tuple[Frame, ...]:
        """Its pictures: what each `beat` ends in, or of each beat every `step` as well.

        A frame has its `beat` and `step` (from 1), and is drawn when asked: `frame.svg()` gives
        SVG text (1920 x 1080 units in 16:9), `frame.image()` a PIL image, RGB, of as many pixels.
        Raises ValueError for a name that is none.
        """
        from pagereel.outputs.frames import frames_of

        choose("each", each, MOMENTS)
        settings = Settings(aspect=aspect, theme=theme)
        options = FrameOptions(settings.canvas.height, each=each)
        return tuple(frames_of(self._source.timeline, settings, options))

    def render(
        self,
        folder: str | PathLike[str] = OUTPUT,
        quality: str = USUAL.quality,
        aspect: str = USUAL.aspect,
        theme: str = USUAL.theme,
        speed: float = USUAL.speed,
        format: str = USUAL.format,  # as the command's --format
        captions: str = USUAL.captions,
        beats: str | None = None,
        voice: str | None = None,
        author: str = "",
        date: str = "",
        jobs: int | None = None,
        duration: float | None = None,
    ) -> Rendered:
        """Render its video into `folder / name`, as `pagereel render` does with these options.

        What is drawn already is kept. A layout fault is warned of. Raises ValueError for a name
        that is none, `InputWrong` for what does not go together, and `MachineFailed`.
        """
        from pagereel.outputs.video import render
        from pagereel.render.layout import faults
        from pagereel.render.workers import default_jobs

        settings = Settings(quality, aspect, theme, speed, format, captions)
        chosen = edition(beats, voice, author, date, settings, duration)
        planned = plan(self._source, settings, chosen)
        for fault in faults(planned.pictures, aspect, [theme], planned.first):
            warnings.warn(f"{self.path}: {fault}", stacklevel=2)
        return render(planned, Path(folder), jobs or default_jobs())

    def __repr__(self) -> str:
        lanes = ", ".join(spec.name for spec in self.storyboard.lanes) or "none"
        beats = len(self.storyboard.beats)
        return f"<{type(self).__name__} {self.storyboard.name}: {beats} beats; lanes {lanes}>"

    def _repr_mimebundle_(
        self, include: Collection[str] = (), exclude: Collection[str] = ()
    ) -> dict[str, str]:
        """What a notebook shows of it: its page, to be stepped through, and where that cannot be
        its poster, or the summary. The page travels along when a notebook is exported."""
        from pagereel.page.inline import framed
        from pagereel.page.poster import poster_beat

        ways: dict[str, Callable[[], str]] = {
            "text/plain": self.__repr__,
            "image/svg+xml": lambda: self.frames()[poster_beat(self._source.timeline)].svg(),
            "text/html": lambda: framed(self._source),
        }
        wanted = [kind for kind in include or ways if kind in ways and kind not in (exclude or ())]
        shown = {}
        for kind in wanted:
            with suppress(MachineFailed):  # a checkout whose player is not built
                shown[kind] = ways[kind]()
        return shown
