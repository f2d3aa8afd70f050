"""What a reader of a page may do to the state that he sees, and whom he may ask to try what."""

from __future__ import annotations

from typing import Any, NamedTuple

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.core.state import Phase
from pagereel.model.readings.claims import NotAClaim, holds
from pagereel.model.readings.readings import Readings, UnknownName
from pagereel.model.storyboard.storyboard import Storyboard, Task
from pagereel.model.storyboard.timeline import Timeline

ABSENT = "absent"
"""The phase of a request that has not come."""
_ALIVE = (Phase.WAITING, Phase.RUNNING, Phase.PREEMPTED, Phase.SWAPPED)


class Deed(NamedTuple):
    """A verb that is done to one request."""

    label: str
    about: str
    phases: tuple[str, ...]
    """Those that a request must be in, in one of the lanes that obey."""
    is_asked: bool = True
    """Whether a lane must be of a kind that obeys it; others everybody does."""
    counts: tuple[int, int] | None = None
    """From and to of the number that goes with it."""


DEEDS = {
    "admit": Deed("Send", "It joins every queue.", (ABSENT,), is_asked=False),
    "fork": Deed("Send as samples", "Several answers to one prompt.", (ABSENT,), counts=(2, 4)),
    "beam": Deed("Send as beams", "A beam search.", (ABSENT,), counts=(2, 4)),
    "preempt": Deed("Preempt", "It loses its memory and waits again.", (Phase.RUNNING,)),
    "swap": Deed("Swap out", "Its blocks go to the CPU.", (Phase.RUNNING,)),
    "compact": Deed("Compact", "It moves up and closes the hole before it.", (Phase.RUNNING,)),
    "free": Deed("Free", "Its client gives up.", _ALIVE, is_asked=False),
}
"""Every verb of a storyboard but `step` and `run`, which are done to nobody."""


def deeds(storyboard: Storyboard) -> list[dict[str, Any]]:
    """The verbs that some lane here obeys, with the lanes that do."""
    kinds = {spec.name: kind_of(spec) for spec in storyboard.lanes}
    told = []
    for verb, deed in DEEDS.items():
        lanes = [name for name, kind in kinds.items() if not deed.is_asked or verb in kind.obeys]
        if lanes:
            one: dict[str, Any] = {"verb": verb, "label": deed.label, "about": deed.about}
            one |= {"phases": [str(phase) for phase in deed.phases], "lanes": lanes}
            told.append(one | ({"counts": [*deed.counts]} if deed.counts else {}))
    return told


def tasks(timeline: Timeline) -> list[dict[str, Any]]:
    """What is to be tried, and whether it is done in this version."""
    return [
        {"text": task.text, "beat": task.beat + 1, "done": _is_done(timeline, task)}
        | ({"changes": task.changes} if task.changes else {})
        for task in timeline.storyboard.tasks
    ]


def _is_done(timeline: Timeline, task: Task) -> bool:
    readings = Readings(timeline.storyboard, timeline.beats[task.beat].end)
    try:
        return all(holds(claim, readings)[0] for claim in task.claims)
    except (UnknownName, NotAClaim, TypeError):
        return False  # what it speaks of is gone from this version
