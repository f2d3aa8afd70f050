"""What a recording holds, as plain data: log, requests, states, and a replay in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from pagereel.model.core.events import Event
from pagereel.model.core.state import LaneState
from pagereel.model.replay.meter import Summary
from pagereel.model.usage.occupancy import utilisation


@dataclass(frozen=True, slots=True)
class ReplaySums:
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
    def of(cls, summary: Summary, in_flight: int) -> ReplaySums:
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
            mean_held=round(means.held, 3),
        )

    @property
    def wait(self) -> float:
        """Steps that a request had waited on average, those that still wait included."""
        return self.queued_steps / self.arrived if self.arrived else 0.0

    @property
    def utilisation(self) -> float:
        """Part of the held slots that stored K/V."""
        return utilisation(self.mean_stored, self.mean_held)


WHOLE = tuple(field.name for field in fields(ReplaySums) if not field.name.startswith("mean"))
"""Sums that are whole numbers."""
MEANS = tuple(field.name for field in fields(ReplaySums) if field.name not in WHOLE)
"""The others."""


class BadRecording(ValueError):
    """A recording that cannot be shown: what is wrong, in which line, and what to do."""

    def __init__(self, line: int, message: str, remedy: str = "record it again") -> None:
        super().__init__(f"line {line}: {message}; {remedy}")
        self.line, self.message, self.remedy = line, message, remedy


@dataclass(frozen=True, slots=True)
class Log:
    """Where the requests came from."""

    name: str
    """Of the log, as readers know it."""
    citation: str = ""
    """Whom to name beside it."""
    requests: int = 0
    """In the whole log."""
    sha256: str = ""
    """Of the log's file."""
    step_ms: float | None = None
    """What a step was assumed to last; None: steps are steps."""


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request that appears in the recording."""

    id: str
    prompt: int
    """Tokens."""
    output: int
    """Tokens."""
    arrival: int
    """The first step at which it may be admitted."""
    tokens: tuple[int, ...] = ()
    """Of the prompt, if they are known."""
    answer: tuple[int, ...] = ()
    """Tokens of the output, if they are known."""


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """One kept step."""

    step: int
    """The step boundary that it ends at."""
    sampled: LaneState
    """The state there."""
    scheduled: LaneState | None = None
    """The state in the middle of the step; None if it was not kept."""
    decided: tuple[Event, ...] = ()
    """What happened up to the middle, as far as it is known."""
    answered: tuple[Event, ...] = ()
    """What happened from there on."""


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """One lane of a recording."""

    kind: str
    """The lane that was replayed, or the engine that was measured."""
    system: str
    """What was recorded, as shown on screen."""
    source: str
    """Machine and version of a measurement; empty: a model was replayed."""
    block_size: int
    """Token slots a block; 0 where the memory has none."""
    start: LaneState
    steps: tuple[RecordedStep, ...]
    sums: ReplaySums | None = None
    """The whole replay in numbers."""
    numbers: tuple[tuple[int, ...], ...] = field(default=(), repr=False)
    """`Gauge.numbers` after every step of the stretch; of a replay alone."""
    unknown: tuple[str, ...] = ()
    """Metrics that were not recorded."""

    @property
    def untold(self) -> tuple[str, ...]:
        """Readings that it does not have: `unknown`, and what needs every step's events."""
        return (*self.unknown, "hits", "evicted")


@dataclass(frozen=True, slots=True)
class Recording:
    """Some lanes over the same steps of the same requests."""

    log: Log
    model: str
    """Whose K/V, a preset; empty if it is not said."""
    first: int
    """The step boundary it starts at."""
    every: int
    """Steps from one kept step to the next."""
    requests: tuple[RecordedRequest, ...]
    """In order of arrival."""
    runs: tuple[RecordedRun, ...]

    def run(self, kind: str) -> RecordedRun:
        """The lane of that kind. Raises KeyError."""
        for run in self.runs:
            if run.kind == kind:
                return run
        raise KeyError(kind)

    @property
    def shortest(self) -> int:
        """Kept steps that every run has."""
        return min(len(run.steps) for run in self.runs)

    def shown_at(self, step: int) -> int:
        """Which kept step, counted from 1, is the first to show what comes at a step."""
        return max(step - self.first, 0) // self.every + 1
