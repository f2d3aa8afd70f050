"""Whose K/V the card `layers` shows, and what the latest engine step read and wrote of it."""

from __future__ import annotations

from dataclasses import dataclass

from model.bandwidth import Movement, movement
from model.events import EntriesRead, EntriesWritten
from model.state import Holder, LaneState, Phase
from model.stored import stored_positions
from model.timeline import Half, LaneStep
from scenes.pictures.focus import named
from scenes.pictures.moment import Moment

Moved = tuple[EntriesRead | EntriesWritten, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """One request or sequence of one lane, with what the latest engine step did to it."""

    lane: str
    holder: Holder
    number: int
    """The engine step's; 0 before the first."""
    moved: Moved
    stored: frozenset[int]
    """Positions whose K/V is in the lane's memory now."""

    @property
    def tokens(self) -> int:
        """Tokens it has: its prompt, and what was sampled so far."""
        return self.holder.prompt + self.holder.sampled

    @property
    def tokens_at_the_end(self) -> int:
        """Tokens it will have: one more than entries, for the last one's is never computed."""
        return self.holder.final + 1

    @property
    def is_done(self) -> bool:
        """Whether it has all its tokens and its memory is freed."""
        return self.holder.phase is Phase.FINISHED

    @property
    def computed(self) -> int:
        """Tokens whose K/V was computed; of one that is done, all but the last sampled one."""
        return self.tokens - 1 if self.is_done else self.holder.computed

    @property
    def written(self) -> range:
        """Positions that the step wrote."""
        for event in self.moved:
            if isinstance(event, EntriesWritten):
                return range(event.start, event.start + event.count)
        return range(0)

    @property
    def read(self) -> frozenset[int]:
        """Positions that the step read from the cache: those that its events name, or the last
        ones before what it wrote."""
        for event in self.moved:
            if isinstance(event, EntriesRead):
                last = self.written.start
                spans = event.positions or (range(last - event.count, last),)
                return frozenset(position for span in spans for position in span)
        return frozenset()

    @property
    def does(self) -> str:
        """The step's kind: `prefill` or `decode`; `done` once its memory is freed; or nothing."""
        if self.is_done or not self.stored:
            return "done" if self.is_done else ""
        return "decode" if self.written.start >= self.holder.prompt else "prefill"


def subject(moment: Moment) -> Subject | None:
    """Who is in focus, or the first that runs, in the lane in focus or the first; None before
    anybody has arrived."""
    wanted = frozenset[str]().union(*(named(target) for target in moment.played.beat.focus))
    lanes = moment.step.lanes
    step = next((lane for lane in lanes if f"lane {lane.lane}" in wanted), lanes[0])
    holder = _holder(moment, step.state, wanted)
    if holder is None:
        return None
    spans = stored_positions(step.state.memory, holder)
    stored = frozenset(position for span in spans for position in span)
    return Subject(step.lane, holder, moment.step.number, _own(step, holder), stored)


def history(moment: Moment, about: Subject) -> tuple[tuple[int, Movement], ...]:
    """(number, entries moved) of every engine step so far that moved some of the subject's."""
    found = []
    for step in moment.past:
        moved = _own(step.lane(about.lane), about.holder)
        if step.half is Half.SCHEDULED and moved:
            found.append((step.number, movement(moved, moment.storyboard.geometry)))
    return tuple(found)


def _own(step: LaneStep, holder: Holder) -> Moved:
    return tuple(event for event in step.moved if event.request == holder.id)


def _holder(moment: Moment, state: LaneState, wanted: frozenset[str]) -> Holder | None:
    everyone: list[Holder] = []
    for request in state.requests:
        own = [sequence for sequence in state.sequences if sequence.request == request.id]
        everyone += own or [request]
    for holder in everyone:
        owner = moment.storyboard.owner(holder.id).id
        if f"request {holder.id}" in wanted or f"request {owner}" in wanted:
            return holder
    running = (holder for holder in everyone if holder.phase is Phase.RUNNING)
    return next(running, next(iter(everyone), None))
