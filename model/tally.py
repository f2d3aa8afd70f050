"""Counts over a lane's whole life, and what its memory holds now: all that a replay needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Counts since the lane was built. Tokens unless named otherwise."""

    steps: int = 0
    """Scheduling steps."""
    admitted: int = 0
    """Admissions; a preempted request counts again."""
    asked: int = 0
    """Known tokens of the requests at their admissions: what the prefix cache was asked for."""
    hit: int = 0
    """Of these, tokens whose K/V was found."""
    computed: int = 0
    """Tokens whose K/V was computed."""
    recomputed: int = 0
    """Of these, tokens that had been computed before and were lost to a preemption."""
    sampled: int = 0
    """Output tokens."""
    preemptions: int = 0
    refusals: int = 0
    """Steps at which the head of the waiting queue did not fit."""
    queued_steps: int = 0
    """Steps that requests spent waiting, summed over the requests."""
    finished: int = 0
    aborted: int = 0

    @property
    def hit_rate(self) -> float:
        """Part of the tokens asked for that the prefix cache had; 0 if nothing was asked."""
        return self.hit / self.asked if self.asked else 0.0
