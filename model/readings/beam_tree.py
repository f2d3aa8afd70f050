"""A beam search so far, as a tree: which token went on from which, and which paths still live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pagereel.model.core.events import BeamDropped, Event, SequenceForked
from pagereel.model.core.state import Phase, SequenceState
from pagereel.model.storyboard.timeline import LaneStep


@dataclass(frozen=True, slots=True)
class Node:
    """One sampled token of one beam."""

    sequence: SequenceState
    """The beam as it was when the token had just been sampled."""
    index: int
    """Which output token it is, counted from 0."""
    parent: str | None
    """The beam whose token before this one it goes on from; None: from the prompt."""

    @property
    def beam(self) -> str:
        """The beam that had the token then; its name may have passed to another path since."""
        return self.sequence.id

    @property
    def position(self) -> int:
        """Its token position, counted from the prompt's first."""
        return self.sequence.prompt + self.index


@dataclass(frozen=True, slots=True)
class Trellis:
    """Every token that some beam of one request has had, and the beams of today."""

    nodes: tuple[Node, ...] = ()
    """In the order in which they were sampled; in each step in group order."""
    beams: tuple[SequenceState, ...] = ()
    """The beams now, in group order."""

    @property
    def length(self) -> int:
        """Output tokens that every beam has."""
        return self.nodes[-1].index + 1 if self.nodes else 0

    def before(self, node: Node) -> Node | None:
        """The token that one goes on from; None: the prompt's last."""
        at = (node.parent, node.index - 1)
        return next((other for other in self.nodes if (other.beam, other.index) == at), None)

    def path(self, beam: str) -> tuple[Node, ...]:
        """What a beam of today has answered, token by token; each from its parent."""
        newest = (n for n in self.nodes if (n.beam, n.index) == (beam, self.length - 1))
        node, found = next(newest, None), []
        while node:
            found.append(node)
            node = self.before(node)
        return tuple(reversed(found))

    @property
    def best(self) -> SequenceState:
        """The beam with the highest score; of equal ones, the first."""
        return max(self.beams, key=lambda beam: beam.score or 0)

    def heirs(self, node: Node) -> frozenset[str]:
        """The beams whose path goes through a token; none if it was given up.

        Once the search is over, only the best beam counts: it is the answer.
        """
        over = all(beam.phase is Phase.FINISHED for beam in self.beams)
        beams = (self.best,) if over else self.beams
        return frozenset(beam.id for beam in beams if node in self.path(beam.id))


def grow(steps: Iterable[LaneStep], request: str) -> Trellis:
    """The tree of a request's beams from all steps of one lane, the first to the latest."""
    nodes: list[Node] = []
    beams: tuple[SequenceState, ...] = ()
    for step in steps:
        beams = tuple(s for s in step.state.sequences if s.request == request)
        index = max((beam.sampled for beam in beams), default=0) - 1
        if index > (nodes[-1].index if nodes else -1):
            parents = _parents(step.events)
            nodes += (Node(b, index, parents.get(b.id, b.id) if index else None) for b in beams)
    return Trellis(tuple(nodes), beams)


def _parents(events: Sequence[Event]) -> dict[str, str]:
    """Which beam each one goes on from, whose own path was dropped in this step."""
    dropped = {event.request for event in events if isinstance(event, BeamDropped)}
    return {
        event.child: event.request
        for event in events
        if isinstance(event, SequenceForked) and event.child in dropped
    }
