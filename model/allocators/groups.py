"""A request in an engine that knows groups: several sequences, one prompt, one fate.

All sequences of a group have the same prompt, are computed and sampled in the same steps, and so
have the same length, until each ends at its own output's length.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from pagereel.model.core.beams import Continuation, advance, first
from pagereel.model.core.events import EntriesRead, EntriesWritten, Event
from pagereel.model.core.lane import Refusal
from pagereel.model.core.request import Request
from pagereel.model.core.state import Phase, RequestState, SequenceState


@dataclass(slots=True)
class LiveSequence:
    """The mutable life of one sequence."""

    id: str
    place: int
    """Its place in the group, from 0."""
    length: int
    """Output tokens it will have."""
    output: list[int] = field(default_factory=list)
    score: float = 0.0
    ended: bool = False


class BeamFork(NamedTuple):
    """A beam was dropped, and its name goes on from another beam's K/V."""

    parent: LiveSequence
    child: LiveSequence


class SequenceGroup:
    """One request with all its sequences; knows tokens and phases, not memory."""

    def __init__(self, request: Request, arrival: int) -> None:
        self.request, self.arrival = request, arrival
        self.phase = Phase.WAITING
        self.sampled = 0
        self.computed = 0
        self.refusals = 0
        self.sequences = tuple(
            LiveSequence(name, place, len(request.output_of(place)))
            for place, name in enumerate(request.sequence_ids)
        )
        self.live = self.sequences
        """Sequences that still run, in group order: kept, because every step asks often."""

    def end(self, sequence: LiveSequence) -> None:
        """One sequence has all its tokens; the others go on."""
        sequence.ended = True
        self.live = tuple(other for other in self.live if other is not sequence)

    def at_their_end(self) -> tuple[LiveSequence, ...]:
        """Sequences that have all their tokens but have not been ended yet."""
        return tuple(sequence for sequence in self.live if sequence.length == self.sampled)

    @property
    def tokens(self) -> int:
        """Tokens of every live sequence: the prompt and what was sampled so far."""
        return len(self.request.prompt) + self.sampled

    def compute(self) -> tuple[Event, ...]:
        """One forward pass. A prompt is computed once for all; then each sequence decodes."""
        start, self.computed = self.computed, self.tokens
        live = self.live
        if start == 0:
            return (EntriesWritten(live[0].id, 0, self.computed),)
        events: list[Event] = []
        for sequence in live:
            events += (EntriesRead(sequence.id, start), EntriesWritten(sequence.id, start, 1))
        return tuple(events)

    def advance(self, steps: int) -> None:
        """So many decode steps at once, of a lone sequence that does not end in them."""
        (sequence,) = self.live
        output = self.request.output_of(sequence.place)
        sequence.output += output[self.sampled : self.sampled + steps]
        self.computed += steps
        self.sampled += steps

    def sample(self) -> tuple[BeamFork, ...]:
        """Give every live sequence its next token; the beams that changed hands, in order."""
        forks = self._sample_beams() if self.request.beam else ()
        if not self.request.beam:
            for sequence in self.live:
                sequence.output.append(self.request.output_of(sequence.place)[self.sampled])
        self.sampled += 1
        return forks

    def _sample_beams(self) -> tuple[BeamFork, ...]:
        search = self.request.beam
        assert search is not None, "only called for a beam search"
        choices = search.choices(self.sampled)
        if self.sampled == 0:
            steps = first(search.width, choices)
        else:
            steps = advance([sequence.score for sequence in self.sequences], choices)
        outputs = [list(sequence.output) for sequence in self.sequences]
        for sequence, step in zip(self.sequences, steps, strict=True):
            sequence.output = [*outputs[step.parent], step.token]
            sequence.score = step.score
        return self._forks(steps)

    def _forks(self, steps: tuple[Continuation, ...]) -> tuple[BeamFork, ...]:
        beams = self.sequences
        pairs = ((beams[step.parent], beams[place]) for place, step in enumerate(steps))
        return tuple(BeamFork(parent, child) for parent, child in pairs if parent is not child)

    def freeze(self) -> RequestState:
        """The request as a whole."""
        return RequestState(
            id=self.request.id,
            phase=self.phase,
            prompt=len(self.request.prompt),
            sampled=self.sampled,
            computed=self.computed,
            final=self.request.final_entries,
            refusals=self.refusals,
        )

    def freeze_sequences(self) -> tuple[SequenceState, ...]:
        """Its sequences; none if there is only one, which the request stands for."""
        if len(self.sequences) == 1:
            return ()
        return tuple(self._freeze_sequence(sequence) for sequence in self.sequences)

    def _freeze_sequence(self, sequence: LiveSequence) -> SequenceState:
        return SequenceState(
            id=sequence.id,
            request=self.request.id,
            phase=Phase.FINISHED if sequence.ended else self.phase,
            prompt=len(self.request.prompt),
            computed=0 if sequence.ended else self.computed,
            final=len(self.request.prompt) + sequence.length - 1,
            output=tuple(sequence.output),
            score=sequence.score if self.request.beam else None,
        )


class NameTaken(Refusal):
    """Two sequences would be called the same: request A with n = 2, say, beside a request A1."""

    def __init__(self, request: str, name: str) -> None:
        super().__init__(f"a sequence of request {request} would be {name}, which there is already")
        self.request, self.name = request, name


class Groups:
    """All groups that have arrived, by request id, in order of arrival."""

    def __init__(self) -> None:
        self._groups: dict[str, SequenceGroup] = {}
        self._names: set[str] = set()
        self._arrived = 0

    def __getitem__(self, request_id: str) -> SequenceGroup:
        return self._groups[request_id]

    def add(self, request: Request) -> SequenceGroup:
        """A new group that waits. Raises `NameTaken`."""
        assert request.prompt and request.output, f"request {request.id} has no tokens"
        names = {request.id, *request.sequence_ids}
        for name in sorted(names & self._names):
            raise NameTaken(request.id, name)
        self._names |= names
        group = SequenceGroup(request, self._arrived)
        self._arrived += 1
        self._groups[request.id] = group
        return group

    def forget(self, request_id: str) -> None:
        """Let go of a group that ended, if nobody will ask."""
        request = self._groups.pop(request_id).request
        self._names -= {request.id, *request.sequence_ids}

    def freeze(self) -> tuple[RequestState, ...]:
        """Every request."""
        return tuple(group.freeze() for group in self._groups.values())

    def freeze_sequences(self) -> tuple[SequenceState, ...]:
        """The sequences of those that have several."""
        return tuple(s for group in self._groups.values() for s in group.freeze_sequences())
