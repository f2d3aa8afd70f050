"""What captions can read of a whole replay."""

from __future__ import annotations

from dataclasses import dataclass

from pagereel.model.core.sizes import human_time
from pagereel.model.readings.metrics import Metric
from pagereel.model.recording.data import Recording, ReplaySums


@dataclass(frozen=True, slots=True)
class ShownRecording:
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


OF_RECORDING: dict[str, Metric[ShownRecording]] = {
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
        lambda at: sum(r.arrival < at.step for r in at.recording.requests),
    ),
    "longest": Metric(
        "tokens",
        "the longest prompt so far",
        lambda at: max((r.prompt for r in at.recording.requests if r.arrival < at.step), default=0),
    ),
    "shortest": Metric(
        "tokens",
        "the shortest prompt so far",
        lambda at: min((r.prompt for r in at.recording.requests if r.arrival < at.step), default=0),
    ),
}
"""As in `{recording.seconds}`."""


@dataclass(frozen=True, slots=True)
class WholeReplay:
    """A lane's replay from its first step to its last, and how long a step was assumed to last."""

    sums: ReplaySums
    step_ms: float

    @property
    def wait_time(self) -> str:
        """How long a request waited, mean: `27 minutes`; in steps where a step has no length."""
        if not self.step_ms:
            return f"{self.sums.wait:,.0f} steps"
        return human_time(self.sums.wait * self.step_ms / 1000)


REPLAY: dict[str, Metric[WholeReplay]] = {
    "steps": Metric("steps", "steps of the whole replay", lambda at: at.sums.steps),
    "arrived": Metric("requests", "requests that came", lambda at: at.sums.arrived),
    "finished": Metric("requests", "requests that were answered", lambda at: at.sums.finished),
    "turned_away": Metric(
        "requests", "requests that could never fit", lambda at: at.sums.turned_away
    ),
    "unfinished": Metric(
        "requests",
        "requests still waiting or running",
        lambda at: at.sums.arrived - at.sums.finished,
    ),
    "running": Metric(
        "requests", "requests at once, mean", lambda at: round(at.sums.mean_running, 1)
    ),
    "most_running": Metric("requests", "requests at once, most", lambda at: at.sums.most_running),
    "waiting": Metric(
        "requests", "requests that waited, mean", lambda at: round(at.sums.mean_waiting, 1)
    ),
    "wait": Metric("steps", "steps that a request waited, mean", lambda at: round(at.sums.wait, 1)),
    "wait_time": Metric(
        "", "the same by the assumed step, in whole minutes or seconds", lambda at: at.wait_time
    ),
    "preemptions": Metric("times", "preemptions", lambda at: at.sums.preemptions),
    "utilisation": Metric(
        "percent",
        "share of the held slots that stored K/V",
        lambda at: round(100 * at.sums.utilisation, 1),
    ),
}
"""What captions can read of a whole replay, as `paged.replay.wait`."""
