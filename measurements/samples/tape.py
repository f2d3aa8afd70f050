"""The clocks of a cell and of a run, and what is written down while they go."""

from __future__ import annotations

import time
from typing import Any

from pagereel.measurements.samples.packed import pack


class Marks:
    """Moments of a cell by name, in whole microseconds on the clock that its monitor uses too."""

    def __init__(self) -> None:
        self.start = time.perf_counter_ns()
        self._found: list[dict[str, Any]] = []
        self.mark("start")

    def now(self) -> int:
        """Microseconds since the cell began."""
        return (time.perf_counter_ns() - self.start) // 1000

    def mark(self, name: str) -> None:
        """Now is the moment that is called so."""
        self._found.append({"name": name, "at_us": self.now()})

    def plain(self) -> list[dict[str, Any]]:
        """As a record keeps them."""
        return list(self._found)


class Tape:
    """Records one run. Times are whole microseconds since the tape was started."""

    def __init__(self, requests: int) -> None:
        self._start = time.perf_counter_ns()
        self._steps: list[tuple[int, int, int, int, int]] = []
        self._tokens: list[list[int]] = [[] for _ in range(requests)]
        self._preemptions = 0

    def now(self) -> int:
        """Microseconds since the start."""
        return (time.perf_counter_ns() - self._start) // 1000

    def step(self, at_us: int, live: int, reserved: int, held: int, used: int) -> None:
        """One engine step has ended: requests alive in it, and its bytes."""
        self._steps.append((at_us, live, reserved, held, used))

    def token(self, request: int, at_us: int) -> None:
        """A request's next token is on the host."""
        self._tokens[request].append(at_us)

    def preempted(self, count: int) -> None:
        """So many requests lost their memory to others."""
        self._preemptions += count

    def plain(self) -> dict[str, Any]:
        """The run as a record keeps it. Ends the run: its length is now."""
        names = ("at_us", "live", "reserved", "held", "used")
        columns = zip(*self._steps, strict=True) if self._steps else [()] * len(names)
        return {
            "wall_us": self.now(),
            "preemptions": self._preemptions,
            "steps": pack(dict(zip(names, map(list, columns), strict=True))),
            "tokens": pack({"at_us": [t for times in self._tokens for t in times]}),
        }
