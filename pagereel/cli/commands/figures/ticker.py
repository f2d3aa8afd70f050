"""How far a replay is, while somebody is watching."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic


@contextmanager
def ticker(name: str, total: int, what: str) -> Iterator[Callable[[int], None]]:
    """A line on stderr that is written over, where somebody is watching."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from pagereel.cli.terminal import screen
    from pagereel.replays.report import duration

    drawn = screen()
    began = last = monotonic()

    def tell(done: int) -> None:
        nonlocal last
        now = monotonic()
        if now - last < 0.2:
            return
        last = now
        left = (now - began) * (total - done) / done if done else 0.0
        text = f"{name}: {done:,} of {total:,} {what}, about {duration(1000 * left)} left"
        print(f"\r{text[:78]:<78}", end="", file=drawn, flush=True)

    try:
        yield tell
    finally:
        print("\r" + " " * 78, end="\r", file=drawn, flush=True)
