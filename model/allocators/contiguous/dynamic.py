"""A DynamicCache as in transformers: every decode step concatenates into a new, larger tensor.

There is no pool: each request has tensors of its own, one token longer at every step. While the
old one is copied into the new one both are alive. Slots are those of one tensor (one layer's keys,
say); the tensors of a model take turns, so over all of them only one is doubled at a time.
"""

from __future__ import annotations

from bisect import insort

from pagereel.model.allocators.contiguous.placement import PLACEMENTS, Placement
from pagereel.model.allocators.fcfs import FcfsEngine, LiveRequest
from pagereel.model.allocators.lane_kind import LaneKind, LaneSpec, stepped
from pagereel.model.allocators.options import OptionReader
from pagereel.model.core.events import (
    Aborted,
    Event,
    OutOfMemory,
    RegionFreed,
    RegionMoved,
    RegionReserved,
)
from pagereel.model.core.lane import NoRoom, TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import ContiguousMemory, Phase, Region
from pagereel.model.usage.occupancy import holes


class TensorPool:
    """`capacity` slots in which tensors are placed; implements `model.allocators.fcfs.Pool`."""

    def __init__(self, capacity: int, placement: Placement) -> None:
        self._capacity, self._place = capacity, placement
        self._regions: list[Region] = []
        self._peak = 0

    @property
    def capacity(self) -> int:
        """Token slots in all."""
        return self._capacity

    def check(self, request: Request) -> None:
        """Raise `TooLarge` if an empty memory could not hold the last copy: old and new."""
        final = request.final_entries
        needed = final if len(request.output) == 1 else 2 * final - 1
        if needed > self._capacity:
            raise TooLarge(request.id, needed, self._capacity)

    def admit(self, request: Request, entries: int) -> tuple[Event, ...]:
        """A tensor for the prompt. Raises `NoRoom`."""
        region = self._reserve(request, entries)
        return (RegionReserved(request.id, region.start, region.size),)

    def grow(self, request: Request, entries: int) -> tuple[Event, ...]:
        """A new tensor beside the old one, a copy, and the old one is freed. Raises `NoRoom`."""
        old = self._region(request)
        new = self._reserve(request, entries)
        self._regions.remove(old)
        return (
            RegionReserved(request.id, new.start, new.size),
            RegionMoved(request.id, old.start, new.start, old.size),
            RegionFreed(request.id, old.start, old.size),
        )

    def free(self, request: Request) -> tuple[Event, ...]:
        """Free the request's tensor."""
        region = self._region(request)
        self._regions.remove(region)
        return (RegionFreed(request.id, region.start, region.size),)

    def memory(self, head: Request | None = None) -> ContiguousMemory:
        """The tensors in address order, and the most slots that were held in the last step."""
        return ContiguousMemory(tuple(self._regions), peak=self._peak)

    def start_step(self) -> None:
        """Forget the last step's peak."""
        self._peak = self._held()

    def _region(self, request: Request) -> Region:
        return next(region for region in self._regions if region.request == request.id)

    def _reserve(self, request: Request, size: int) -> Region:
        candidates = holes(self._regions, self._capacity)
        hole = self._place(candidates, size)
        if hole is None:
            sizes = [candidate.size for candidate in candidates]
            raise NoRoom(size, sum(sizes), max(sizes, default=0))
        region = Region(request.id, hole.start, size, size)
        insort(self._regions, region, key=lambda other: other.start)
        self._peak = max(self._peak, self._held())
        return region

    def _held(self) -> int:
        return sum(region.size for region in self._regions)


class DynamicEngine(FcfsEngine):
    """Requests that grow by concatenation. One that cannot grow is lost: out of memory.

    A new request waits until a hole fits its prompt, as a careful caller of `generate` would do.
    """

    def __init__(self, pool: TensorPool) -> None:
        super().__init__(pool)
        self._tensors = pool

    def schedule(self) -> tuple[Event, ...]:
        """As the plain engine, with the peak of this step measured."""
        self._tensors.start_step()
        return super().schedule()

    def can_preempt(self, request_id: str) -> bool:
        """Never: there is no scheduler that could."""
        return False

    def _make_room(self, sequence: LiveRequest, refusal: NoRoom) -> tuple[Event, ...]:
        """Nobody is preempted for anybody: the request fails with its copy."""
        self._running.remove(sequence)
        failed = OutOfMemory(
            sequence.request.id, refusal.needed, refusal.free, refusal.largest_hole
        )
        lost = Aborted(sequence.request.id)
        return (failed, lost, *self._release(sequence, Phase.ABORTED))


def _build(spec: LaneSpec, options: OptionReader) -> DynamicEngine:
    options.close()
    return DynamicEngine(TensorPool(spec.slots, PLACEMENTS[spec.placement]))


DYNAMIC = LaneKind(
    name="contiguous/dynamic",
    system="transformers DynamicCache",
    summary="Each request's tensor is copied into one a token longer at every step; no pool.",
    build=_build,
    takes=("slots", "placement"),
    build_for_replay=stepped(_build),
)
