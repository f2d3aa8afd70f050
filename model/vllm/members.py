"""Who follows the clock: requests whose steps only count, and the pass that calls each back."""

from __future__ import annotations

from collections.abc import Iterable

from model.vllm.sequence import Sequence


class Members:
    """Decoding requests that need no attention before they are due.

    A member's counters are those of the moment it joined, plus the passes (K/V computed) and
    answers (token sampled) since then; `sync` writes them down.
    """

    __slots__ = ("_answers", "_calls", "_passes", "count")

    def __init__(self) -> None:
        self.count = 0
        """Members now."""
        self._passes = 0
        self._answers = 0
        self._calls: dict[int, list[Sequence]] = {}  # pass -> who has business in it

    def join(self, sequence: Sequence, quiet_steps: int) -> None:
        """Let a running request follow the clock; it is due after so many quiet steps."""
        sequence.follows, sequence.due = True, self._passes + quiet_steps
        sequence.since_pass, sequence.since_answer = self._passes, self._answers
        self._calls.setdefault(sequence.due, []).append(sequence)
        self.count += 1

    def leave(self, sequence: Sequence) -> None:
        """Call a request back before its time, if it is a member."""
        if sequence.follows:
            self._calls[sequence.due].remove(sequence)
            self._dismiss(sequence)

    def leave_all(self, running: Iterable[Sequence]) -> None:
        """Call every member among these back; they are all there are."""
        for sequence in running:
            if sequence.follows:
                self._dismiss(sequence)
        self._calls.clear()

    def due(self) -> list[Sequence]:
        """Members with business in the coming pass."""
        return self._calls.get(self._passes, [])

    def call(self) -> list[Sequence]:
        """Those who are due, in running order; they are no members any more."""
        called = self._calls.pop(self._passes, [])
        called.sort(key=lambda sequence: sequence.place)
        for sequence in called:
            self._dismiss(sequence)
        return called

    def quiet_steps(self, limit: int) -> int:
        """Steps, at most `limit`, before the next pass in which one is due."""
        if not self.count:
            return limit
        count = 0
        while count < limit and not self._calls.get(self._passes + count):
            count += 1
        return count

    def compute(self, count: int = 1) -> None:
        """Every member computed the K/V of one token in each of `count` passes."""
        self._passes += count

    def sample(self, count: int = 1) -> None:
        """Every member got one token in each of `count` answers."""
        self._answers += count

    def sync(self, sequence: Sequence) -> None:
        """Bring a member's counters up to date."""
        passes = self._passes - sequence.since_pass
        answers = self._answers - sequence.since_answer
        if sequence.follows and passes + answers:
            sequence.computed += passes
            sequence.sampled += answers
            sequence.tokens += answers
            sequence.since_pass, sequence.since_answer = self._passes, self._answers
            sequence.frozen = None

    def _dismiss(self, sequence: Sequence) -> None:
        self.sync(sequence)
        sequence.follows = False
        self.count -= 1
