"""What captions can read of a recording itself, at the step that is shown."""

from __future__ import annotations

from dataclasses import dataclass

from model.metrics import Metric
from model.recording.data import Recording


@dataclass(frozen=True, slots=True)
class Shown:
    """A recording, and how many of its kept steps have been shown."""

    recording: Recording
    number: int

    @property
    def step(self) -> int:
        """The step boundary that is shown."""
        return self.recording.first + self.number * self.recording.every

    @property
    def seconds(self) -> float:
        """Since the log's first request, if a step lasts as long as was assumed; else 0."""
        return self.step * (self.recording.log.step_ms or 0) / 1000


OF_RECORDING: dict[str, Metric[Shown]] = {
    "name": Metric("", "the log", lambda at: at.recording.log.name),
    "citation": Metric("", "whom to cite for the log", lambda at: at.recording.log.citation),
    "requests": Metric("requests", "in the whole log", lambda at: at.recording.log.requests),
    "step": Metric("steps", "the step that is shown", lambda at: at.step),
    "seconds": Metric("seconds", "its time, by the assumed step", lambda at: at.seconds),
    "step_ms": Metric(
        "ms", "what a step was assumed to last", lambda at: at.recording.log.step_ms or 0
    ),
    "every": Metric("steps", "from one kept step to the next", lambda at: at.recording.every),
    "came": Metric(
        "requests",
        "requests of the recording that have come",
        lambda at: sum(asked.arrival < at.step for asked in at.recording.requests),
    ),
    "longest": Metric(
        "tokens",
        "the longest prompt so far",
        lambda at: max((a.prompt for a in at.recording.requests if a.arrival < at.step), default=0),
    ),
    "shortest": Metric(
        "tokens",
        "the shortest prompt so far",
        lambda at: min((a.prompt for a in at.recording.requests if a.arrival < at.step), default=0),
    ),
}
"""As in `{recording.seconds}`."""
