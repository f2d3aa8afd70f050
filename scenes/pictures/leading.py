"""Which lane acts: where one lane is drawn at a time, it is this one."""

from __future__ import annotations

from itertools import pairwise

from pagereel.model.core.events import BlockPublished, EntriesRead, EntriesWritten, TokenSampled
from pagereel.model.storyboard.timeline import PlayedShot, Timeline
from pagereel.scenes.pictures.focus import named

ROUTINE = EntriesRead | EntriesWritten | TokenSampled | BlockPublished
"""What happens in every lane, whatever it does with memory."""


def leading(timeline: Timeline, beat: int, shot: int) -> str:
    """The lane that acts in a shot of a beat, both from 0; empty while there is none.

    It stays the same all through a shot. It is the lane that the shot points at; else one that
    enters; else one in which more happens than that tokens are computed; else the one before. Of
    several that one stays which acted before.
    """
    shots = [played for earlier in timeline.beats[:beat] for played in earlier.shots]
    shots += timeline.beats[beat].shots[: shot + 1]
    names = tuple(spec.name for spec in timeline.storyboard.lanes)
    led = ""
    for before, now in pairwise((None, *shots)):
        if now is not None:
            led = _leading(names, led, before, now)
    return led


def _leading(names: tuple[str, ...], led: str, before: PlayedShot | None, now: PlayedShot) -> str:
    there = _there(names, now)
    entered = _entered(names, before, there)
    for ways in (_pointed_at(now, there), entered, _acting(now, there), there):
        if ways:
            return led if led in ways else ways[0]
    return led


def _there(names: tuple[str, ...], played: PlayedShot) -> tuple[str, ...]:
    return tuple(name for name in names if f"lane {name}" in played.visible)


def _pointed_at(played: PlayedShot, there: tuple[str, ...]) -> tuple[str, ...]:
    """Lanes that the camera, the focus or call-outs name, or the card."""
    shot = played.shot
    targets = (shot.camera, *shot.focus, *(remark.at for remark in shot.callouts))
    parts = frozenset[str]().union(*map(named, targets))
    attended = shot.attend.lane if shot.attend else ""
    return tuple(name for name in there if f"lane {name}" in parts or name == attended)


def _entered(
    names: tuple[str, ...], before: PlayedShot | None, there: tuple[str, ...]
) -> tuple[str, ...]:
    """Lanes that were not there in the shot before, where another was."""
    known = _there(names, before) if before else ()
    return tuple(name for name in there if name not in known) if known else ()


def _acting(played: PlayedShot, there: tuple[str, ...]) -> tuple[str, ...]:
    """Lanes in which more happens than that tokens are computed."""
    return tuple(
        name
        for name in there
        if any(
            not isinstance(event, ROUTINE)
            for step in played.steps
            for event in step.lane(name).events
        )
    )
