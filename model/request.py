"""What a lane is asked to serve: one request, its tokens and its arrival."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Frozen: what becomes of it is the lane's state, not the request's.

    `output` is known in advance because a storyboard or a recorded trace is being replayed.
    An allocator must not look at it, except to end the request, and except for the Orca
    Oracle baseline, whose definition is that it does.
    """

    id: str
    """Unique in its workload; shown on blocks, so short in a storyboard ("A")."""
    prompt: Sequence[int]
    """Token ids. A `range` stands for contents that match no other request's, at no cost."""
    output: Sequence[int]
    """Token ids in the order they will be sampled; at least one."""
    arrival: int = 0
    """The first step at which the request may be admitted."""
    priority: int = 0
    """Lower goes first; only the policy `priority` looks at it."""
    cache_salt: str | None = None
    """Keeps the request's prefix apart from others with the same tokens."""
    abort: int | None = None
    """The step before which the client gives up."""

    @property
    def final_entries(self) -> int:
        """K/V entries the request holds when it ends.

        The last sampled token is never fed back, so its K/V is never computed: one fewer than
        all its tokens. (Orca's accounting in the paper counts one more.)
        """
        return len(self.prompt) + len(self.output) - 1
