"""What a lane is asked to serve: one request, its tokens and its arrival."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pagereel.model.core.beams import BeamSearch


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
    n: int = 1
    """Sequences sampled in parallel from the one prompt: a group of n."""
    outputs: tuple[Sequence[int], ...] = ()
    """The n outputs where they differ; empty: every sequence samples `output`."""
    beam: BeamSearch | None = None
    """Search with beams instead: a group of `beam.width`. `output` then only says how long."""
    max_tokens: int | None = None
    """The most output tokens that its client asked for: known in advance, as `output` is not."""
    parent: str = ""
    """The request of which it is one sample, where a file lists the samples one by one."""

    def __post_init__(self) -> None:
        """Check what an author can get wrong."""
        if self.n < 1 or (self.beam and self.n > 1):
            raise ValueError(f"request {self.id} asks for n = {self.n}")
        if self.outputs and len(self.outputs) != self.n:
            raise ValueError(f"request {self.id} has {len(self.outputs)} outputs, n = {self.n}")
        if not all(self.outputs):
            raise ValueError(f"request {self.id} has an empty output")
        longest = max(map(len, self.outputs), default=len(self.output))
        if self.max_tokens is not None and longest > self.max_tokens:
            raise ValueError(f"request {self.id} answers {longest} of at most {self.max_tokens}")

    @property
    def width(self) -> int:
        """Sequences in the request's group."""
        return self.beam.width if self.beam else self.n

    @property
    def sequence_ids(self) -> tuple[str, ...]:
        """How the sequences are called on screen; a lone one has the request's id."""
        return sequence_ids(self.id, self.width)

    def output_of(self, place: int) -> Sequence[int]:
        """The output of the sequence at `place` in the group; under beam search, its length."""
        return self.outputs[place] if self.outputs else self.output

    @property
    def final_entries(self) -> int:
        """K/V entries the request (of a group: its longest sequence) holds when it ends.

        The last sampled token is never fed back, so its K/V is never computed: one fewer than
        all its tokens. (Orca's accounting in the paper counts one more.)
        """
        return len(self.prompt) + max(map(len, self.outputs), default=len(self.output)) - 1


def sequence_ids(request_id: str, width: int) -> tuple[str, ...]:
    """Names for the `width` sequences of a request: A1, A2, ...; a lone one has the request's id.

    An id that ends in a digit gets a dot: r7.1, r7.2.
    """
    if width == 1:
        return (request_id,)
    dot = "." if request_id[-1:].isdigit() else ""
    return tuple(f"{request_id}{dot}{place + 1}" for place in range(width))
