"""Who hears what a lane does: a recorder that keeps every event, or silence that costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, ParamSpec, Protocol

from pagereel.model.core.events import Event

Fields = ParamSpec("Fields")


class Journal(Protocol):
    """What a lane writes to. It is chosen when the lane is built."""

    forgets: ClassVar[bool]
    """Whether requests that ended may be dropped from the lane's state, to bound its memory."""

    def note(
        self, kind: Callable[Fields, Event], *args: Fields.args, **kwargs: Fields.kwargs
    ) -> None:
        """`kind(*args, **kwargs)` happened. The event is built only if someone listens."""
        ...

    def tear_off(self) -> tuple[Event, ...]:
        """The events since the last call, in order."""
        ...


class Recorder:
    """Keeps the events; for storyboards, conformance and whoever draws."""

    forgets: ClassVar[bool] = False

    def __init__(self) -> None:
        self._events: list[Event] = []

    def note(
        self, kind: Callable[Fields, Event], *args: Fields.args, **kwargs: Fields.kwargs
    ) -> None:
        """Build the event and keep it."""
        self._events.append(kind(*args, **kwargs))

    def tear_off(self) -> tuple[Event, ...]:
        """The events since the last call, in order."""
        events, self._events = tuple(self._events), []
        return events


class Silence:
    """Hears nothing; for replays that want metrics only."""

    forgets: ClassVar[bool] = True

    def note(
        self, kind: Callable[Fields, Event], *args: Fields.args, **kwargs: Fields.kwargs
    ) -> None:
        """Build nothing."""

    def tear_off(self) -> tuple[Event, ...]:
        """Always empty."""
        return ()
