"""A replay in numbers: its sums for captions, and what a lane held after every step."""

from __future__ import annotations

from dataclasses import dataclass, fields

from model.gauge import Gauge
from model.metering import Summary
from model.metrics import Metric

COLUMNS = (
    "running",
    "waiting",
    "stored",
    "reserved",
    "internal",
    "external",
    "cached",
    "free",
)
"""What is kept of every step, in this order."""


def reading(gauge: Gauge) -> tuple[int, ...]:
    """A gauge in the order of `COLUMNS`."""
    parts = gauge.split
    memory = (parts.stored, parts.reserved, parts.internal, parts.external)
    return (gauge.running, gauge.waiting, *memory, parts.cached, parts.free)


@dataclass(frozen=True, slots=True)
class Replayed:
    """The sums of one lane's replay. Means are over all its steps."""

    steps: int
    arrived: int
    finished: int
    turned_away: int
    preemptions: int
    queued_steps: int
    """Steps that requests spent waiting, summed over the requests."""
    most_running: int
    mean_running: float
    mean_waiting: float
    mean_stored: float
    """Slots."""
    mean_held: float
    """Slots."""

    @classmethod
    def of(cls, summary: Summary, in_flight: int) -> Replayed:
        """From a meter's summary, and who has not ended yet."""
        tally, means = summary.tally, summary.means
        return cls(
            steps=tally.steps,
            arrived=tally.finished + tally.aborted + in_flight,
            finished=tally.finished,
            turned_away=summary.turned_away,
            preemptions=tally.preemptions,
            queued_steps=tally.queued_steps,
            most_running=summary.peak_running,
            mean_running=round(means.running, 3),
            mean_waiting=round(means.waiting, 3),
            mean_stored=round(means.stored, 3),
            mean_held=round(means.stored + means.reserved + means.internal, 3),
        )

    @property
    def wait(self) -> float:
        """Steps that a request had waited on average, those that still wait included."""
        return self.queued_steps / self.arrived if self.arrived else 0.0

    @property
    def held_use(self) -> float:
        """Share of the held slots that stored K/V."""
        return self.mean_stored / self.mean_held if self.mean_held else 0.0


WHOLE = tuple(field.name for field in fields(Replayed) if not field.name.startswith("mean"))
"""Sums that are whole numbers."""
MEANS = tuple(field.name for field in fields(Replayed) if field.name not in WHOLE)
"""The others."""


REPLAY: dict[str, Metric[Replayed]] = {
    "steps": Metric("steps", "steps of the whole replay", lambda at: at.steps),
    "arrived": Metric("requests", "requests that came", lambda at: at.arrived),
    "finished": Metric("requests", "requests that were answered", lambda at: at.finished),
    "turned_away": Metric("requests", "requests that could never fit", lambda at: at.turned_away),
    "unfinished": Metric(
        "requests", "requests still waiting or running", lambda at: at.arrived - at.finished
    ),
    "running": Metric("requests", "requests at once, mean", lambda at: round(at.mean_running, 1)),
    "most_running": Metric("requests", "requests at once, most", lambda at: at.most_running),
    "waiting": Metric(
        "requests", "requests that waited, mean", lambda at: round(at.mean_waiting, 1)
    ),
    "wait": Metric("steps", "steps that a request waited, mean", lambda at: round(at.wait, 1)),
    "preemptions": Metric("times", "preemptions", lambda at: at.preemptions),
    "utilisation": Metric(
        "percent",
        "share of the held slots that stored K/V",
        lambda at: round(100 * at.held_use, 1),
    ),
}
"""What captions can read of a whole replay, as `paged.replay.wait`."""
