"""Progress on stderr, where somebody is watching."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # measuring has no need of what builds videos, and may run without it
    from pagereel.render.workers import Progress


@contextmanager
def progress_bar(name: str) -> Iterator[Progress]:
    """A bar on stderr with the time left, where somebody is watching."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar
    from rich.progress import TimeRemainingColumn as Left

    from pagereel.cli.terminal import harmless, screen

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Bar(*columns, Left(), console=Console(file=screen()), transient=True) as bar:
        task = bar.add_task(harmless(name), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
