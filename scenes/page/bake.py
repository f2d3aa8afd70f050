"""Everything a page shows, from a played storyboard: the one function for site and browser.

When a page is made, this writes what its reader first sees; after an edit, the browser's Python
calls it again. Both answers are equal, so nothing on a page is computed in another way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.readings.claims import holds
from pagereel.model.readings.readings import Readings
from pagereel.model.storyboard.quotes import QUOTES
from pagereel.model.storyboard.script import Script
from pagereel.model.storyboard.storyboard import Question, Storyboard
from pagereel.model.storyboard.timeline import PlayedBeat, Step, Timeline
from pagereel.scenes.canvas import CANVASES, Canvas
from pagereel.scenes.clips import timed
from pagereel.scenes.page.drawn import drawn, palettes
from pagereel.scenes.page.glossary import glossary
from pagereel.scenes.page.happened import happened
from pagereel.scenes.page.memory import memory_of
from pagereel.scenes.page.settings import settings, spoken_output, spoken_prompt
from pagereel.scenes.pictures.compose import compose_beats
from pagereel.scenes.pictures.moment import FIRA
from pagereel.scenes.shapes.clip import Clip
from pagereel.scenes.shapes.picture import Picture
from pagereel.scenes.shapes.typeface import visible

FORMAT = 1
"""Of the data; a player refuses another."""
SCREENS: Mapping[str, Canvas] = {"16:9": CANVASES["16:9"], "phone": CANVASES["9:16"]}
"""The canvas of each shape of window."""
_RATE = 60
"""Timings are those of a film with so many frames a second."""


def bake(timeline: Timeline, screens: Mapping[str, Canvas] = SCREENS) -> dict[str, Any]:
    """The whole story as JSON values, with the pictures of these screens."""
    storyboard = timeline.storyboard
    composed = {name: tuple(compose_beats(timeline, c, FIRA)) for name, c in screens.items()}
    canvases = {
        name: drawn(screens[name], tuple(chain.from_iterable(beats)))
        for name, beats in composed.items()
    }
    first = next(iter(composed.values()))
    return {
        "format": FORMAT,
        "name": storyboard.name,
        "title": visible(storyboard.title),
        "subtitle": visible(storyboard.subtitle),
        "about": visible(storyboard.about),
        "editable": can_be_edited(storyboard),
        "tracks_ease": "quintic",
        "lanes": [_lane(spec) for spec in storyboard.lanes],
        "requests": [_request(script) for script in storyboard.scripts.values()],
        "settings": settings(storyboard) if can_be_edited(storyboard) else [],
        "glossary": glossary(),
        "beats": [*_beats(timeline, first)],
        "themes": palettes(row for canvas in canvases.values() for row in canvas["rows"]),
        "canvases": canvases,
    }


def can_be_edited(storyboard: Storyboard) -> bool:
    """Whether everything it shows comes from its own text: no recording, no measured chart."""
    return storyboard.recording is None and not any(beat.chart for beat in storyboard.beats)


def _lane(spec: LaneSpec) -> dict[str, Any]:
    kind = kind_of(spec)
    return {
        "name": spec.name,
        "title": visible(spec.title),
        "kind": spec.kind,
        "system": kind.system,
        "summary": kind.summary,
        "options": dict(spec.options),
    }


def _request(script: Script) -> dict[str, Any]:
    told = {"id": script.id, "prompt": spoken_prompt(script), "output": spoken_output(script)}
    return told | ({} if script.arrival is None else {"arrival": script.arrival})


class _Shown(NamedTuple):
    """The moment of one picture."""

    steps: tuple[Step, ...]
    """Those since the picture before; the last one is shown."""
    asking: bool


def _shown(played: PlayedBeat, before: Step | None) -> Iterator[_Shown]:
    """The moments of a beat's pictures, in the order of `compose_beat`."""
    asks = played.beat.question is not None
    if asks:
        yield _Shown((before or played.steps[0],), True)
    last = -1
    for place, _ in played.shown:
        steps = played.steps[last + 1 : place + 1]
        yield _Shown(steps, asks and steps[-1] is not played.end)
        last = place


def _beats(
    timeline: Timeline, composed: tuple[tuple[Picture, ...], ...]
) -> Iterator[dict[str, Any]]:
    storyboard, first, before = timeline.storyboard, 0, None
    clips = timed(timeline, composed, _RATE)
    for played, pictures, clip in zip(timeline.beats, composed, clips, strict=True):
        seconds = _seconds(clip, pictures)
        origin = _origin(storyboard, played)
        steps = []
        for i, moment in enumerate(_shown(played, before)):
            step = moment.steps[-1]
            steps.append(
                {
                    "picture": first + i,
                    "seconds": seconds[i][0],
                    "rest": seconds[i][1],
                    "say": "" if moment.asking else visible(played.caption),
                    "asking": moment.asking,
                    "number": step.number,
                    "half": step.half.value,
                    "shot": 1,
                    **origin,
                    "memory": memory_of(storyboard, step),
                    "happened": {}
                    if moment.asking and i == 0
                    else happened(storyboard, moment.steps),
                }
            )
        assert len(steps) == len(pictures), "every picture has its moment"
        told = {"title": visible(played.beat.title), "card": played.beat.card, "steps": steps}
        question = played.beat.question
        yield told | ({"question": _question(storyboard, played, question)} if question else {})
        first, before = first + len(pictures), played.end


def _seconds(clip: Clip, pictures: tuple[Picture, ...]) -> list[tuple[float, float]]:
    """For each picture of a beat, seconds of the motion that leads to it, and of rest on it.

    A clip passes over pictures that look like the one before.
    """
    legs = list(clip.legs)
    found = []
    for picture in pictures:
        if legs and legs[0].picture is picture:
            leg = legs.pop(0)
            found.append((round(leg.motion / _RATE, 3), round(leg.rest / _RATE, 3)))
        else:
            found.append((0.0, 0.0))
    if legs:  # nothing has changed: the clip rests on the picture that the beat opens with
        found[-1] = (0.0, round(legs[0].rest / _RATE, 3))
    return found


def _origin(storyboard: Storyboard, played: PlayedBeat) -> dict[str, str]:
    """Where a beat's numbers come from: modelled, quoted or measured, and by whom."""
    beat = played.beat
    if beat.card == "quoted":
        return {"origin": "quoted", "source": QUOTES[beat.quote].source}
    if beat.chart is not None:
        found = beat.chart.origin
        told = f"{found.device}; {found.setting}; {found.versions}; {found.date}" if found else ""
        return {"origin": "measured", "source": told or beat.chart.finding}
    runs = [spec.recorded for spec in storyboard.lanes if spec.recorded is not None]
    measured = [run.source for run in runs if run.source]
    if measured and len(measured) == len(storyboard.lanes):
        return {"origin": "measured", "source": "; ".join(dict.fromkeys(measured))}
    systems = dict.fromkeys(kind_of(spec).system for spec in storyboard.lanes)
    return {
        "origin": "modelled",
        "source": "computed by pagereel's allocators: " + ", ".join(systems),
    }


def _question(storyboard: Storyboard, played: PlayedBeat, question: Question) -> dict[str, Any]:
    readings = Readings(storyboard, played.end)
    return {
        "ask": visible(question.ask),
        "options": [
            {"text": visible(option.text), "right": holds(option.claim, readings)[0]}
            for option in question.options
        ],
    }
