"""A contiguous pool: one region a request, reserved to its limit, first-fit or best-fit."""

from __future__ import annotations

from bisect import insort
from dataclasses import replace

from pagereel.model.allocators.contiguous.placement import PLACEMENTS, Placement
from pagereel.model.allocators.fcfs import FcfsEngine
from pagereel.model.allocators.lane_kind import LaneKind, LaneSpec, stepped
from pagereel.model.allocators.options import OptionReader
from pagereel.model.core.events import Event, RegionFreed, RegionReserved, RegionSlid
from pagereel.model.core.lane import NoRoom, TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import ContiguousMemory, Region
from pagereel.model.usage.occupancy import Hole, holes


class ContiguousPool:
    """`capacity` slots; a request reserves as many as it could ever need, whatever it will use.

    That is its prompt and the `max_tokens` it asked for, and never more than `max_len`: all of
    that for a request without a limit of its own. Implements `Pool`. A request never
    outgrows its region, so growing never fails.
    """

    def __init__(self, capacity: int, max_len: int, placement: Placement) -> None:
        self._capacity, self._max_len, self._place = capacity, max_len, placement
        self._alike = True  # until a request with a limit of its own is admitted
        self._regions: list[Region] = []

    @property
    def capacity(self) -> int:
        """Token slots in all."""
        return self._capacity

    def check(self, request: Request) -> None:
        """Raise `TooLarge` if the request outgrows a region, or a region the pool."""
        if request.final_entries > self._max_len:
            raise TooLarge(request.id, request.final_entries, self._max_len)
        if self._ask(request) > self._capacity:
            raise TooLarge(request.id, self._ask(request), self._capacity)

    def admit(self, request: Request, entries: int) -> tuple[Event, ...]:
        """Reserve a region for the request's whole life. Raises `NoRoom`."""
        candidates, ask = self._holes(), self._ask(request)
        hole = self._place(candidates, ask)
        if hole is None:
            sizes = [candidate.size for candidate in candidates]
            raise NoRoom(ask, sum(sizes), max(sizes, default=0))
        region = Region(request.id, hole.start, ask, ask)
        insort(self._regions, region, key=lambda other: other.start)
        self._alike = self._alike and request.max_tokens is None
        return (RegionReserved(request.id, region.start, region.size),)

    def grow(self, request: Request, entries: int) -> tuple[Event, ...]:
        """Nothing to do: the room was reserved at admission."""
        return ()

    def free(self, request: Request) -> tuple[Event, ...]:
        """Give the region back."""
        region = next(region for region in self._regions if region.request == request.id)
        self._regions.remove(region)
        return (RegionFreed(request.id, region.start, region.size),)

    def memory(self, head: Request | None = None) -> ContiguousMemory:
        """The regions in address order, and what the head of the queue asks for.

        While nobody waits, the next one asks for `max_len` if all have; else nobody knows.
        """
        alike = self._alike and (head is None or head.max_tokens is None)
        ask = self._ask(head) if head else self._max_len if alike else None
        return ContiguousMemory(tuple(self._regions), ask=ask, alike=alike)

    def has(self, request_id: str) -> bool:
        """Whether the request holds a region."""
        return any(region.request == request_id for region in self._regions)

    def slide(self, request_id: str, entries: int) -> tuple[Event, ...]:
        """Close the hole before a region that stores so many entries; nothing if there is none."""
        place = next(i for i, region in enumerate(self._regions) if region.request == request_id)
        region, before = self._regions[place], self._regions[place - 1] if place else None
        target = before.start + before.size if before else 0
        if target == region.start:
            return ()
        self._regions[place] = replace(region, start=target)
        return (RegionSlid(request_id, region.start, target, entries),)

    def _ask(self, request: Request) -> int:
        if request.max_tokens is None:
            return self._max_len
        return min(len(request.prompt) + request.max_tokens, self._max_len)

    def _holes(self) -> tuple[Hole, ...]:
        return holes(self._regions, self._capacity)


class CompactingEngine(FcfsEngine):
    """First come first served over regions that can be moved; implements `model.core.lane.Lane`.

    No engine of the paper moves regions: it is what a storyboard may try.
    """

    def __init__(self, pool: ContiguousPool) -> None:
        super().__init__(pool)
        self._regions = pool

    def can_compact(self, request_id: str) -> bool:
        """Whether the request holds a region."""
        return self._regions.has(request_id)

    def compact(self, request_id: str) -> tuple[Event, ...]:
        """Move its region to the end of the one before it, entry by entry."""
        return self._regions.slide(request_id, self._sequences[request_id].computed)


def _build(spec: LaneSpec, options: OptionReader) -> CompactingEngine:
    options.close()
    return CompactingEngine(ContiguousPool(spec.slots, spec.max_len, PLACEMENTS[spec.placement]))


CONTIGUOUS = LaneKind(
    name="contiguous",
    system="teaching model",
    summary="One region a request, reserved to its limit when admitted; first-fit or best-fit.",
    build=_build,
    takes=("slots", "max_len", "placement"),
    obeys=("preempt", "compact"),
    build_for_replay=stepped(_build),
)
