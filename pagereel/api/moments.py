"""What a storyboard comes to, as plain data: at every moment each lane's state and its numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.readings.metrics import LANE, MOVED, Metric, Value
from pagereel.model.readings.subjects import InLane
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.model.storyboard.timeline import LaneStep, PlayedBeat, Step, Timeline
from pagereel.model.usage.bandwidth import movement
from pagereel.model.usage.occupancy import Split
from pagereel.scenes.shapes.typeface import visible

PARTS = tuple(part.name for part in dataclasses.fields(Split))
"""Where a lane's slots can be, in the order in which they are shown."""
ALWAYS = ("stored", "free")
"""Parts that the table has even where they stay 0."""
_STEP = 16
"""Width of the columns that say which moment a line is."""

Row = dict[str, int | float | str | None]
T = TypeVar("T")


def _meanings(metrics: Mapping[str, Metric[T]]) -> Iterator[tuple[str, str]]:
    for name, metric in metrics.items():
        yield name, f"{metric.unit}: {metric.meaning}" if metric.unit else metric.meaning


def plain(value: Any) -> Any:  # noqa: ANN401  # any part of a timeline
    """A frozen value as JSON has it; every record says which kind it `is`, a range its two ends."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"is": type(value).__name__, **fields}
    if isinstance(value, range):
        return [value.start, value.stop]
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value


class PlayedTimeline:
    """Every moment of every lane, in order. Memory is counted in token slots, time in engine steps.

    `print` shows it as a table: the moments that have a picture, and where each lane's slots are.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    @property
    def lanes(self) -> tuple[str, ...]:
        """The lanes' names, left to right."""
        return tuple(spec.name for spec in self._storyboard.lanes)

    @cached_property
    def steps(self) -> list[dict[str, Any]]:
        """Every moment as `pagereel trace` prints it: its beat (from 1), engine step and half, and
        of each lane the whole state, the events since the moment before, and what the last step
        read and wrote."""
        return [{"beat": beat, **plain(step)} for beat, _, step in self._moments]

    def states(self, lane: str) -> list[dict[str, Any]]:
        """The states of one lane, one a moment. Raises KeyError for a lane that there is not."""
        return [found["state"] for _, found in self._of(lane)]

    def events(self, lane: str) -> list[dict[str, Any]]:
        """What happened in one lane, in order, each with its beat and engine step. Raises KeyError
        for a lane that there is not."""
        return [
            {"beat": step["beat"], "step": step["number"], **event}
            for step, found in self._of(lane)
            for event in found["events"]
        ]

    def rows(self) -> list[Row]:
        """A flat record for each moment and lane, for a data frame: beat, title, step, half, lane,
        kind, then every reading that captions may use of a lane (`columns` has their units).

        Lists of blocks are text, their ids apart by spaces. None: a recording does not know it.
        """
        return [
            {
                "beat": beat,
                "title": played.beat.title,
                "step": step.number,
                "half": step.half.value,
                "lane": spec.name,
                "kind": spec.kind,
                **_readings(spec, lane, self._storyboard),
            }
            for beat, played, step in self._moments
            for spec, lane in zip(self._storyboard.lanes, step.lanes, strict=True)
        ]

    columns: ClassVar[dict[str, str]] = dict((*_meanings(LANE), *_meanings(MOVED)))
    """The readings of `rows`: each with its unit and meaning."""

    @property
    def _storyboard(self) -> Storyboard:
        return self._timeline.storyboard

    @property
    def _moments(self) -> Iterator[tuple[int, PlayedBeat, Step]]:
        for number, played in enumerate(self._timeline.beats, 1):
            for step in played.steps:
                yield number, played, step

    def _of(self, lane: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        place = {name: place for place, name in enumerate(self.lanes)}[lane]
        return ((step, step["lanes"][place]) for step in self.steps)

    def __len__(self) -> int:
        return sum(len(played.steps) for played in self._timeline.beats)

    def __repr__(self) -> str:
        beats, lanes = len(self._timeline.beats), ", ".join(self.lanes) or "no lanes"
        return f"<{type(self).__name__}: {beats} beats, {len(self)} moments, {lanes}>"

    def __str__(self) -> str:
        return "\n".join(_table(self._timeline))


def _readings(spec: LaneSpec, lane: LaneStep, storyboard: Storyboard) -> Row:
    geometry = storyboard.geometry
    at, moved = (
        InLane(lane.state, storyboard.slot_bytes(spec.name), lane.work),
        movement(lane.moved, geometry),
    )
    found = {name: _flat(metric.measure(at)) for name, metric in LANE.items()}
    found |= {name: _flat(metric.measure(moved)) for name, metric in MOVED.items()}
    unknown = spec.recorded.untold if spec.recorded else ()
    return {name: None if name in unknown else value for name, value in found.items()}


def _flat(value: Value) -> int | float | str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else value


def _table(timeline: Timeline) -> Iterator[str]:
    """A line a moment under its beat's headline; of each lane the parts that are ever not 0."""
    lanes = [_LaneColumns(timeline, place) for place in range(len(timeline.storyboard.lanes))]
    yield _line("", [lane.head for lane in lanes])
    yield _line("step", [lane.names for lane in lanes])
    for number, played in enumerate(timeline.beats, 1):
        yield f"{number}. {visible(played.beat.title)}"
        for step in (shot.steps[place] for shot in played.shots for place, _ in shot.shown):
            yield _line(f"{step.number} {step.half.value}", [lane.cells(step) for lane in lanes])


def _line(label: str, cells: Sequence[str]) -> str:
    return f"{label:>{_STEP}}" + "".join(f"  |{cell}" for cell in cells)


class _LaneColumns:
    """One lane's part of the table."""

    def __init__(self, timeline: Timeline, place: int) -> None:
        spec, self._place = timeline.storyboard.lanes[place], place
        shown = [step for played in timeline.beats for step in played.steps]
        splits = [InLane(step.lanes[place].state, 0).parts for step in shown]
        self._parts = [
            name for name in PARTS if name in ALWAYS or any(getattr(s, name) for s in splits)
        ]
        capacity = shown[0].lanes[place].state.capacity
        title = f" {visible(spec.name)} ({spec.kind}), {capacity:,} slots"
        digits = max(len(f"{capacity:,}"), 6)
        self._widths = [max(len(name), digits) + 1 for name in self._parts]
        self._widths[0] += max(0, len(title) - sum(self._widths))
        self.head = f"{title:<{sum(self._widths)}}"
        self.names = self._row(self._parts)

    def cells(self, step: Step) -> str:
        """Where the lane's slots are."""
        split = InLane(step.lanes[self._place].state, 0).parts
        return self._row([f"{getattr(split, name):,}" for name in self._parts])

    def _row(self, cells: Sequence[str]) -> str:
        return "".join(f"{cell:>{width}}" for cell, width in zip(cells, self._widths, strict=True))
