"""What the plain engine asks of a memory, and the life of one request in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from model.events import Event
from model.request import Request
from model.state import Memory, Phase, RequestState


class Pool(Protocol):
    """Memory that one kind of allocator hands out. All counts are token slots."""

    @property
    def capacity(self) -> int:
        """Token slots in all."""
        ...

    def check(self, request: Request) -> None:
        """Raise `TooLarge` if an empty pool could not hold the request."""
        ...

    def admit(self, request: Request, entries: int) -> tuple[Event, ...]:
        """Make room for a request that starts with `entries` tokens. Raises `NoRoom`."""
        ...

    def grow(self, request: Request, entries: int) -> tuple[Event, ...]:
        """Make room for `entries` tokens in all. Raises `NoRoom`."""
        ...

    def free(self, request: Request) -> tuple[Event, ...]:
        """Take back everything the request holds."""
        ...

    def memory(self, head: Request | None = None) -> Memory:
        """The frozen memory now; `head` is the request that will be admitted next."""
        ...


@dataclass(slots=True)
class LiveRequest:
    """The mutable life of one request that is one sequence."""

    request: Request
    phase: Phase = Phase.WAITING
    computed: int = 0
    sampled: int = 0
    refusals: int = 0

    @property
    def tokens(self) -> int:
        """Its prompt and what was sampled so far."""
        return len(self.request.prompt) + self.sampled

    def freeze(self, readable: tuple[range, ...] | None = None) -> RequestState:
        """The frozen state; `readable` as in `RequestState`."""
        request = self.request
        return RequestState(
            id=request.id,
            phase=self.phase,
            prompt=len(request.prompt),
            sampled=self.sampled,
            computed=self.computed,
            final=request.final_entries,
            refusals=self.refusals,
            readable=readable,
        )
