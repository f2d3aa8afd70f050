"""The waiting queue, in the order of the policy: first come first served, or by priority."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Iterator
from typing import Protocol

from pagereel.model.allocators.vllm.request import Sequence


class Waiting(Protocol):
    """Requests that wait for admission, head first."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Sequence]: ...

    def head(self) -> Sequence:
        """The only one that may be admitted next (S9)."""
        ...

    def pop(self) -> Sequence:
        """Take the head out."""
        ...

    def add(self, sequence: Sequence) -> None:
        """A request that arrives."""
        ...

    def put_back(self, sequence: Sequence) -> None:
        """A request that was preempted."""
        ...

    def remove(self, sequence: Sequence) -> None:
        """Take one out, wherever it stands."""
        ...


class FirstComeFirstServed:
    """Arrivals go to the end, preempted requests to the front (S6)."""

    def __init__(self) -> None:
        self._line: deque[Sequence] = deque()

    def __len__(self) -> int:
        return len(self._line)

    def __iter__(self) -> Iterator[Sequence]:
        return iter(self._line)

    def head(self) -> Sequence:
        """The oldest, or who was preempted last."""
        return self._line[0]

    def pop(self) -> Sequence:
        """Take the head out."""
        return self._line.popleft()

    def add(self, sequence: Sequence) -> None:
        """To the end."""
        self._line.append(sequence)

    def put_back(self, sequence: Sequence) -> None:
        """To the front."""
        self._line.appendleft(sequence)

    def remove(self, sequence: Sequence) -> None:
        """Take one out, wherever it stands."""
        self._line.remove(sequence)


class ByPriority:
    """Ordered by (priority, arrival, number), preempted requests included (S10)."""

    def __init__(self) -> None:
        self._line: list[Sequence] = []  # the head is last

    def __len__(self) -> int:
        return len(self._line)

    def __iter__(self) -> Iterator[Sequence]:
        return reversed(self._line)

    def head(self) -> Sequence:
        """The smallest rank."""
        return self._line[-1]

    def pop(self) -> Sequence:
        """Take the head out."""
        return self._line.pop()

    def add(self, sequence: Sequence) -> None:
        """To its rank."""
        insort(self._line, sequence, key=lambda other: tuple(-part for part in other.rank))

    def put_back(self, sequence: Sequence) -> None:
        """To its rank."""
        self.add(sequence)

    def remove(self, sequence: Sequence) -> None:
        """Take one out, wherever it stands."""
        self._line.remove(sequence)


def waiting(policy: str) -> Waiting:
    """An empty queue for `fcfs` or `priority`."""
    return ByPriority() if policy == "priority" else FirstComeFirstServed()
