"""Read the state by name, as captions and claims do.

Names are paths: `paged.stored` (a lane), `paged.A.blocks` (a request in a lane),
`paged.block 7.filled` (a block), `geometry.bytes_per_token` (the model), `gpu.pool` (the GPU),
`gpu.length 512.requests` (the GPU with requests of so many tokens), `quoted.kernel.slower` (what
was published).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from pagereel.model.core.sizes import human_bytes
from pagereel.model.core.state import Holder, LaneState, PagedMemory, Phase, RequestState
from pagereel.model.readings.gpu import GPU, LENGTH, InLength, budget
from pagereel.model.readings.metrics import BLOCK, GEOMETRY, LANE, MOVED, REQUEST, Metric, Value
from pagereel.model.readings.recordings import OF_RECORDING, REPLAY, ShownRecording, WholeReplay
from pagereel.model.readings.subjects import InBlock, InLane, InRequest
from pagereel.model.storyboard.chart import Chart
from pagereel.model.storyboard.quotes import QUOTES
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.model.storyboard.timeline import LaneStep, Step
from pagereel.model.usage.bandwidth import Movement, movement
from pagereel.model.usage.occupancy import filled_blocks

T = TypeVar("T")
_LENGTH = re.compile(r"length [1-9]\d{0,8}")
PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
"""`{{` and `}}` stand for the braces themselves; group 1 is a name, where there is one."""
FINDING = "finding"
"""The name of a chart's own sentence, in the beat that shows the chart."""
RECORDING = "recording"
"""What is read of the recording itself starts with it."""
QUOTED = "quoted"
"""What is read of published numbers starts with it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of the state and the unit it is shown in."""

    value: Value
    unit: str = ""

    def __str__(self) -> str:
        """As a caption shows it: `1,536`, `37 %`, `72 KiB`, `1, 2, 5`."""
        if isinstance(self.value, tuple):
            return ", ".join(str(item) for item in self.value) or "none"
        if isinstance(self.value, str):
            return self.value
        if self.unit == "bytes":
            return human_bytes(self.value)
        number = f"{self.value:,.0f}" if float(self.value).is_integer() else f"{self.value:,.1f}"
        return f"{number} %" if self.unit == "percent" else number


ONE_LAYER = "layer_read_bytes"
"""What is only said of lanes whose layers all read alike: not with several `kv_cache_groups`."""


class UnknownName(KeyError):
    """A placeholder that names nothing; carries the names that would have been possible."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(name)
        self.name, self.known = name, tuple(known)


class Readings:
    """All readings of one step of one storyboard."""

    def __init__(self, storyboard: Storyboard, step: Step, chart: Chart | None = None) -> None:
        self._storyboard, self._step, self._chart = storyboard, step, chart
        self._runs = {lane.name: lane.recorded for lane in storyboard.lanes if lane.recorded}

    def __getitem__(self, name: str) -> Reading:
        """The reading of that name. Raises `UnknownName`."""
        if name == FINDING and self._chart:
            return Reading(self._chart.finding)
        head, *rest = name.split(".")
        if head == RECORDING and len(rest) == 1 and self._storyboard.recording:
            shown = ShownRecording(self._storyboard.recording, self._step.number)
            return _read(OF_RECORDING, rest[0], name, shown)
        if head == "geometry" and len(rest) == 1:
            return _read(GEOMETRY, rest[0], name, self._storyboard.geometry)
        if head == QUOTED:
            return _published(name, rest)
        if head == "gpu":
            return self._in_gpu(rest, name)
        if head not in {lane.name for lane in self._storyboard.lanes}:
            raise UnknownName(name, self.names())
        step = self._step.lane(head)
        state, run = step.state, self._runs.get(head)
        unknown = run.untold if run else ()
        if rest and rest[-1] in unknown:
            recorded = (n for n in self.names() if n.rpartition(".")[2] not in unknown)
            raise UnknownName(name, recorded)
        if rest and rest[-1] == ONE_LAYER and self._storyboard.has_groups(head):
            raise UnknownName(name, (other for other in self.names() if ONE_LAYER not in other))
        match rest:
            case ["replay", metric] if run and run.sums and self._storyboard.recording:
                step_ms = self._storyboard.recording.log.step_ms or 0
                return _read(REPLAY, metric, name, WholeReplay(run.sums, step_ms))
            case [metric] if metric in MOVED:
                return _read(MOVED, metric, name, self._moved(head))
            case [subject, metric] if metric in MOVED and subject in self._storyboard.owners:
                return _read(MOVED, metric, name, self._moved(head, subject))
            case [subject] if subject in self._storyboard.owners:
                raise UnknownName(name, (f"{name}.{metric}" for metric in (*REQUEST, *MOVED)))
            case [metric]:
                at = InLane(state, self._storyboard.slot_bytes(head), step.work)
                return _read(LANE, metric, name, at, MOVED)
            case [subject, metric] if subject.startswith("block "):
                return _read(BLOCK, metric, name, _block(state, subject, name))
            case [subject, metric] if subject in self._storyboard.owners:
                return _read(REQUEST, metric, name, self._in_request(step, subject), MOVED)
        raise UnknownName(name, self.names())

    def names(self) -> list[str]:
        """Every name that can be read here, but for single blocks."""
        found = [FINDING] if self._chart else []
        found += [f"geometry.{metric}" for metric in GEOMETRY]
        found += [f"gpu.{metric}" for metric in GPU] if self._storyboard.gpu else []
        if self._storyboard.recording:
            found += [f"{RECORDING}.{metric}" for metric in OF_RECORDING]
        for name, run in self._runs.items():
            found += [f"{name}.replay.{metric}" for metric in REPLAY if run.sums]
        for lane in self._storyboard.lanes:
            found += [f"{lane.name}.{metric}" for metric in (*LANE, *MOVED)]
            for owner in self._storyboard.owners:
                found += [f"{lane.name}.{owner}.{metric}" for metric in (*REQUEST, *MOVED)]
        return found

    def _moved(self, lane: str, name: str | None = None) -> Movement:
        """What the latest engine step moved, in all or for one request with its sequences."""
        events = self._step.lane(lane).moved
        if name is not None:
            script = self._storyboard.owner(name)
            names = {name, *script.sequence_ids} if name == script.id else {name}
            events = tuple(event for event in events if event.request in names)
        return movement(events, self._storyboard.geometry)

    def _in_gpu(self, rest: list[str], name: str) -> Reading:
        found = budget(self._storyboard)
        match rest:
            case [metric] if found:
                return _read(GPU, metric, name, found)
            case [subject, metric] if found and _LENGTH.fullmatch(subject):
                return _read(LENGTH, metric, name, InLength(found, int(subject.split()[1])))
        tokens = [word for word in name.replace(".", " ").split() if word.isdecimal()]
        lengths = [f"gpu.length {n}.{metric}" for n in tokens if found for metric in LENGTH]
        raise UnknownName(name, (*self.names(), *lengths))

    def _in_request(self, step: LaneStep, name: str) -> InRequest:
        script = self._storyboard.owner(name)
        names = script.sequence_ids if name == script.id else (name,)
        state, slot_bytes = step.state, self._storyboard.slot_bytes(step.lane)
        return InRequest(self._holder(state, name), names, state, slot_bytes, step.work)

    def _holder(self, state: LaneState, name: str) -> Holder:
        """The request or sequence; one that the lane does not have yet, or never, holds nothing."""
        try:
            return state.holder(name)
        except KeyError:
            script = self._storyboard.owner(name)
            samples = [request for request in state.requests if request.id in script.sequence_ids]
            if samples and name == script.id:
                return _together(name, samples)
            return RequestState(name, Phase.WAITING, len(script.prompt), 0, 0, 0)


def _together(name: str, samples: Sequence[RequestState]) -> RequestState:
    """Independent samples as one request: in the phase of the first that is not done."""
    over = (Phase.FINISHED, Phase.ABORTED)
    shown = next((sample for sample in samples if sample.phase not in over), samples[0])
    return replace(shown, id=name, refusals=sum(sample.refusals for sample in samples))


def fill(text: str, readings: Readings) -> str:
    """The text with every `{name}` replaced by its reading, and `{{` by a brace.

    Raises `UnknownName`.
    """

    def shown(match: re.Match[str]) -> str:
        return match[0][0] if match[1] is None else str(readings[match[1].strip()])

    return PLACEHOLDER.sub(shown, text)


def named_in(text: str) -> tuple[str, ...]:
    """The readings that a text names in braces, in order."""
    found = (match[1] for match in PLACEHOLDER.finditer(text))
    return tuple(name.strip() for name in found if name is not None)


def _published(name: str, rest: Sequence[str]) -> Reading:
    match rest:
        case [quote, number] if quote in QUOTES and number in QUOTES[quote].numbers:
            return Reading(QUOTES[quote].numbers[number])
    known = (
        f"{QUOTED}.{quote}.{number}" for quote, one in QUOTES.items() for number in one.numbers
    )
    raise UnknownName(name, known)


def _read(
    table: dict[str, Metric[T]], metric: str, name: str, at: T, also: Iterable[str] = ()
) -> Reading:
    """One metric of a table; `also` are names that could have stood in its place."""
    if metric not in table:
        stem = name.removesuffix(metric)
        raise UnknownName(name, (stem + known for known in (*table, *also)))
    return Reading(table[metric].measure(at), table[metric].unit)


def _block(state: LaneState, subject: str, name: str) -> InBlock:
    memory = state.memory
    number = subject.removeprefix("block ")
    if not isinstance(memory, PagedMemory):
        raise UnknownName(name, ())
    if number not in {str(block) for block in memory.blocks}:
        stem, _, metric = name.partition(subject)
        raise UnknownName(name, (f"{stem}block {block}{metric}" for block in memory.blocks))
    filled = filled_blocks(state, memory, memory.tables)
    return InBlock(dict(memory.references).get(int(number), 0), filled.get(int(number), 0))
