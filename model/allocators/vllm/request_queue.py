"""The waiting queue, in the order of the policy: first come first served, or by priority.

Mirrors vLLM 0.32's v1/core/sched/request_queue.py.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Iterator
from typing import Protocol

from pagereel.model.allocators.vllm.request import VllmRequest


class RequestQueue(Protocol):
    """Requests that wait for admission, head first."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[VllmRequest]: ...

    def add_request(self, request: VllmRequest) -> None:
        """One that arrives."""
        ...

    def pop_request(self) -> VllmRequest:
        """Take the head out."""
        ...

    def peek_request(self) -> VllmRequest:
        """The head: the only one that may be admitted next (S9)."""
        ...

    def prepend_request(self, request: VllmRequest) -> None:
        """One that was preempted."""
        ...

    def remove_request(self, request: VllmRequest) -> None:
        """Take one out, wherever it stands."""
        ...


class FCFSRequestQueue(deque[VllmRequest]):
    """Arrivals go to the end, preempted requests to the front (S6)."""

    def add_request(self, request: VllmRequest) -> None:
        """To the end."""
        self.append(request)

    def pop_request(self) -> VllmRequest:
        """Take the head out."""
        return self.popleft()

    def peek_request(self) -> VllmRequest:
        """The oldest, or who was preempted last."""
        return self[0]

    def prepend_request(self, request: VllmRequest) -> None:
        """To the front."""
        self.appendleft(request)

    def remove_request(self, request: VllmRequest) -> None:
        """Take one out, wherever it stands."""
        self.remove(request)


class PriorityRequestQueue:
    """Ordered by (priority, arrival, number, vLLM's id), preempted requests included (S10).

    vLLM's is a heap. Here the whole order is shown after every step, so it is kept.
    """

    def __init__(self) -> None:
        self._ordered: list[VllmRequest] = []

    def __len__(self) -> int:
        return len(self._ordered)

    def __iter__(self) -> Iterator[VllmRequest]:
        return iter(self._ordered)

    def add_request(self, request: VllmRequest) -> None:
        """To its rank."""
        insort(self._ordered, request, key=lambda other: other.rank)

    def pop_request(self) -> VllmRequest:
        """Take the head out."""
        return self._ordered.pop(0)

    def peek_request(self) -> VllmRequest:
        """The smallest rank."""
        return self._ordered[0]

    def prepend_request(self, request: VllmRequest) -> None:
        """To its rank."""
        self.add_request(request)

    def remove_request(self, request: VllmRequest) -> None:
        """Take one out, wherever it stands."""
        self._ordered.remove(request)


def create_request_queue(policy: str) -> RequestQueue:
    """An empty queue for `fcfs` or `priority`."""
    return PriorityRequestQueue() if policy == "priority" else FCFSRequestQueue()
