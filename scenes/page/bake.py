"""Everything a page shows, from a played storyboard: the one function for site and browser.

When a page is made, this writes what its reader first sees; after an edit, the browser's Python
calls it again. Both answers are equal, so nothing on a page is computed in another way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.readings.balance import balances
from pagereel.model.readings.claims import holds
from pagereel.model.readings.readings import Readings
from pagereel.model.readings.sources import quotes_of, shows_state
from pagereel.model.storyboard.script import Script
from pagereel.model.storyboard.storyboard import Question, Shot, Storyboard
from pagereel.model.storyboard.timeline import PlayedShot, Step, Timeline
from pagereel.scenes.canvas import CANVASES, PHONE, Canvas
from pagereel.scenes.clips import timed
from pagereel.scenes.page.deeds import deeds, tasks
from pagereel.scenes.page.drawn import drawn, palettes
from pagereel.scenes.page.glossary import glossary
from pagereel.scenes.page.happened import happened
from pagereel.scenes.page.memory import memory_of
from pagereel.scenes.page.outlines import NO_OUTLINES, Outlines
from pagereel.scenes.page.settings import settings, spoken_output, spoken_prompt
from pagereel.scenes.page.verdict import verdict
from pagereel.scenes.pictures.compose import compose_beats, moments
from pagereel.scenes.pictures.header import CAPTION
from pagereel.scenes.pictures.moment import FIRA
from pagereel.scenes.shapes.clip import Clip
from pagereel.scenes.shapes.picture import Picture
from pagereel.scenes.shapes.typeface import visible

FORMAT = 1
"""Of the data; a player refuses another."""
SCREENS: Mapping[str, Canvas] = {"16:9": CANVASES["16:9"], "phone": PHONE}
"""The canvas of each shape of window."""
HEADER = "header/"
"""Starts the keys of all that belongs to a headline."""
_RATE = 60
"""Timings are those of a film with so many frames a second."""


def bake(
    timeline: Timeline,
    screens: Mapping[str, Canvas] = SCREENS,
    outlines: Outlines = NO_OUTLINES,
) -> dict[str, Any]:
    """The whole story as JSON values, with the pictures of these screens.

    A formula that `outlines` has is drawn by them; of any other its source is there alone.
    """
    storyboard = timeline.storyboard
    composed = {name: tuple(compose_beats(timeline, c, FIRA)) for name, c in screens.items()}
    canvases = {
        name: drawn(screens[name], [*map(bare, chain.from_iterable(beats))], outlines)
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
        "deeds": deeds(storyboard) if can_be_edited(storyboard) else [],
        "tasks": tasks(timeline) if can_be_edited(storyboard) else [],
        "variants": [
            {"title": visible(each.title), "about": visible(each.about), "set": [*each.overrides]}
            for each in storyboard.variants
        ],
        "glossary": glossary(),
        "beats": [*_beats(timeline, first)],
        "themes": palettes(row for canvas in canvases.values() for row in canvas["rows"]),
        "canvases": canvases,
    }


def bare(picture: Picture) -> Picture:
    """A picture without headline and caption: a page says both in its own text."""
    shapes = (s for s in picture.shapes if not s.key.startswith((HEADER, CAPTION)))
    return replace(picture, shapes=tuple(shapes))


def can_be_edited(storyboard: Storyboard) -> bool:
    """Whether all it shows comes from its own text: no recording, measured chart, or excerpt."""
    if storyboard.recording is not None or any(beat.charts for beat in storyboard.beats):
        return False
    return not any(shot.excerpt for beat in storyboard.beats for shot in beat.shots)


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


def _beats(
    timeline: Timeline, composed: tuple[tuple[Picture, ...], ...]
) -> Iterator[dict[str, Any]]:
    storyboard, first, before = timeline.storyboard, 0, None
    verdicts = _verdicts(timeline) if storyboard.variants else {}
    clips = timed(timeline, composed, _RATE)
    for number, (played, pictures, clip) in enumerate(
        zip(timeline.beats, composed, clips, strict=True)
    ):
        seconds = _seconds(clip, pictures)
        steps = []
        shown = before
        for i, moment in enumerate(moments(timeline, number)):
            step = moment.step
            asks = played.said[moment.said].asks
            since = () if asks else _since(played.steps, shown, step)
            steps.append(
                {
                    "picture": first + i,
                    "seconds": seconds[i][0],
                    "rest": seconds[i][1],
                    "say": "" if moment.is_asking else visible(moment.played.caption),
                    "asking": moment.is_asking,
                    "number": step.number,
                    "half": step.half.value,
                    "shot": moment.shot + 1,
                    "done": 0 if asks else _place(moment.played, step),
                    **_origin(storyboard, moment.played.shot),
                    "memory": memory_of(moment.storyboard, step),
                    "happened": happened(moment.storyboard, since) if since else {},
                    **({"verdict": verdicts[id(step)]} if id(step) in verdicts else {}),
                }
            )
            shown = shown if asks else step
        assert len(steps) == len(pictures), "every picture has its moment"
        shot = next((s for s in played.shots if s.shot.question), played.shots[0])
        told = {"title": visible(played.beat.title), "card": shot.shot.card, "steps": steps}
        asked = shot.shot.question
        yield told | ({"question": _question(storyboard, shot, asked)} if asked else {})
        first, before = first + len(pictures), played.end


def _place(played: PlayedShot, now: Step) -> int:
    """How many moments of a shot are over at one of them; 0 if it is none of its own."""
    return next((i + 1 for i, step in enumerate(played.steps) if step is now), 0)


def _verdicts(timeline: Timeline) -> dict[int, dict[str, Any]]:
    """What is to be said of every moment, by the moment's identity."""
    steps = {id(step): step for beat in timeline.beats for step in beat.steps}
    found = zip(steps, balances(steps.values()), strict=True)
    return {place: verdict(timeline.storyboard, lanes) for place, lanes in found}


def _since(steps: tuple[Step, ...], before: Step | None, now: Step) -> tuple[Step, ...]:
    """The steps of a beat after one that was shown before, up to the one that is shown now."""
    places = {id(step): place for place, step in enumerate(steps)}
    if now is before or id(now) not in places:
        return ()
    return steps[places.get(id(before), -1) + 1 : places[id(now)] + 1]


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


def _origin(storyboard: Storyboard, shot: Shot) -> dict[str, str]:
    """Where a shot's numbers come from: modelled, quoted or measured, and by whom."""
    quotes = tuple(dict.fromkeys(quote.source for quote in quotes_of(shot)))
    if quotes and not shows_state(shot) and shot.chart is None:
        return {"origin": "quoted", "source": "; ".join(quotes)}
    found = _made(storyboard, shot)
    if quotes:
        said = f"{found['source']}; quoted: {'; '.join(quotes)}"
        return {"origin": f"{found['origin']} and quoted", "source": said}
    return found


def _made(storyboard: Storyboard, shot: Shot) -> dict[str, str]:
    """Where those numbers come from that are not quoted."""
    if shot.chart is not None:
        found = shot.chart.origin
        told = f"{found.device}; {found.setting}; {found.versions}; {found.date}" if found else ""
        return {"origin": "measured", "source": told or shot.chart.finding}
    runs = [spec.recorded for spec in storyboard.lanes if spec.recorded is not None]
    measured = [run.source for run in runs if run.source]
    if measured and len(measured) == len(storyboard.lanes):
        return {"origin": "measured", "source": "; ".join(dict.fromkeys(measured))}
    systems = dict.fromkeys(kind_of(spec).system for spec in storyboard.lanes)
    told = "computed by pagereel's allocators: " + ", ".join(systems)
    if shot.card == "attention" and storyboard.attention is not None:
        told += f"; attention: {storyboard.attention.what}"
    return {"origin": "modelled", "source": told}


def _question(storyboard: Storyboard, played: PlayedShot, question: Question) -> dict[str, Any]:
    readings = Readings(storyboard, played.end)
    return {
        "ask": visible(question.ask),
        "options": [
            {"text": visible(option.text), "right": holds(option.claim, readings)[0]}
            for option in question.options
        ],
    }
