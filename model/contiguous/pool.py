"""A contiguous pool: one region a request, reserved to the maximum, first-fit or best-fit."""

from __future__ import annotations

from bisect import insort

from model.contiguous.placement import Hole, Placement, holes
from model.events import Event, RegionFreed, RegionReserved
from model.lane import NoRoom, TooLarge
from model.request import Request
from model.state import ContiguousMemory, Region


class ContiguousPool:
    """`capacity` slots; every request reserves `max_len` of them, whatever it will use.

    Implements `model.pool.Pool`. A request never outgrows its region, so growing never fails.
    """

    def __init__(self, capacity: int, max_len: int, placement: Placement) -> None:
        self._capacity, self._max_len, self._place = capacity, max_len, placement
        self._regions: list[Region] = []

    @property
    def capacity(self) -> int:
        """Token slots in all."""
        return self._capacity

    def check(self, request: Request) -> None:
        """Raise `TooLarge` if the request outgrows a region, or a region the pool."""
        if request.final_entries > self._max_len:
            raise TooLarge(request.id, request.final_entries, self._max_len)
        if self._max_len > self._capacity:
            raise TooLarge(request.id, self._max_len, self._capacity)

    def admit(self, request: Request, entries: int) -> tuple[Event, ...]:
        """Reserve a region for the request's whole life. Raises `NoRoom`."""
        candidates = self._holes()
        hole = self._place(candidates, self._max_len)
        if hole is None:
            sizes = [candidate.size for candidate in candidates]
            raise NoRoom(self._max_len, sum(sizes), max(sizes, default=0))
        region = Region(request.id, hole.start, self._max_len, self._max_len)
        insort(self._regions, region, key=lambda other: other.start)
        return (RegionReserved(request.id, region.start, region.size),)

    def grow(self, request: Request, entries: int) -> tuple[Event, ...]:
        """Nothing to do: the room was reserved at admission."""
        return ()

    def free(self, request: Request) -> tuple[Event, ...]:
        """Give the region back."""
        region = next(region for region in self._regions if region.request == request.id)
        self._regions.remove(region)
        return (RegionFreed(request.id, region.start, region.size),)

    def memory(self) -> ContiguousMemory:
        """The regions in address order."""
        return ContiguousMemory(tuple(self._regions), ask=self._max_len)

    def _holes(self) -> tuple[Hole, ...]:
        return holes(self._regions, self._capacity)
