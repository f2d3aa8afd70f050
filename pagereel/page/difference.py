"""Two stories side by side: which beats and moments belong together, and what differs there.

The sides may be two storyboards, or one in two settings. Beats are matched by their titles, and
where these differ by their order; moments of matched beats by their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.readings.metrics import LANE
from pagereel.model.readings.subjects import InLane
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.model.storyboard.timeline import Step
from pagereel.page.formulas import outlines
from pagereel.read import Reviewed
from pagereel.scenes.page.bake import SCREENS, bake
from pagereel.scenes.pictures.compose import moments
from pagereel.scenes.shapes.typeface import visible

SCREEN = "phone"
"""The canvas that half a window has room for."""
Pair = tuple[int | None, int | None]
"""The places of what belongs together, on the left and on the right."""
Number = int | float | str
Shown = tuple[Storyboard, Step]
"""A state, and the storyboard that it is a state of: an excerpt is one of another."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two stories."""

    name: str
    """What tells it from the other."""
    path: Path
    found: Reviewed

    @property
    def storyboard(self) -> Storyboard:
        """What was played."""
        return self.found.timeline.storyboard


def difference(left: Side, right: Side) -> dict[str, Any]:
    """All that the page of two stories shows, as JSON values.

    `stops` are the moments in order: the matched beat, and the step of each side (counted through
    its whole story) that is shown there. `readings` are those that differ anywhere, and `values`
    what they are at each stop. Those of `lanes` were compared: lanes of one name.
    """
    sides = (left, right)
    stories = [_bake(side) for side in sides]
    titles = [[beat["title"] for beat in story["beats"]] for story in stories]
    pairs = [*matched(*titles)]
    stops = [*_stops(stories, pairs)]
    shown = [_shown(side) for side in sides]
    lanes = [*_lanes(*(side.storyboard.lanes for side in sides))]
    measured = [_measured(sides, lanes, shown, stop) for stop in stops]
    known = dict.fromkeys(chain.from_iterable(measured))
    rows = [row for row in known if any(_differ(told[row]) for told in measured if row in told)]
    return {
        "sides": [
            {"name": side.name, "story": story, "broken": [*_broken(side)]}
            for side, story in zip(sides, stories, strict=True)
        ],
        "settings": _settings(*stories),
        "lanes": len(lanes),
        "beats": [[_title(titles[0], a), _title(titles[1], b)] for a, b in pairs],
        "stops": stops,
        "readings": [{"lane": lane, "name": name, **_meaning(name)} for lane, name in rows],
        "values": [[told.get(row, (None, None)) for row in rows] for told in measured],
    }


def matched(left: Sequence[str], right: Sequence[str]) -> Iterator[Pair]:
    """Which of two lists of titles belong together, in order."""
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        yield from zip_longest(range(a, b), range(c, d))


def _title(titles: Sequence[str], place: int | None) -> str | None:
    return None if place is None else titles[place]


def _bake(side: Side) -> dict[str, Any]:
    known = outlines([side.storyboard.geometry])
    return bake(side.found.timeline, {SCREEN: SCREENS[SCREEN]}, known)


def _stops(stories: Sequence[Mapping[str, Any]], pairs: Sequence[Pair]) -> Iterator[list[int]]:
    """Every moment; a side whose beat has fewer rests, and one without the beat stays put."""
    firsts = [_firsts(story) for story in stories]
    here = [0, 0]
    for number, pair in enumerate(pairs):
        counts = [_count(story, beat) for story, beat in zip(stories, pair, strict=True)]
        for i in range(max(counts)):
            for side, (beat, count) in enumerate(zip(pair, counts, strict=True)):
                if beat is not None:
                    share = i / max(max(counts) - 1, 1)
                    here[side] = firsts[side][beat] + round(share * (count - 1))
            yield [number, *here]


def _firsts(story: Mapping[str, Any]) -> list[int]:
    found, total = [], 0
    for beat in story["beats"]:
        found.append(total)
        total += len(beat["steps"])
    return found


def _count(story: Mapping[str, Any], beat: int | None) -> int:
    return 0 if beat is None else len(story["beats"][beat]["steps"])


def _shown(side: Side) -> list[Shown]:
    """The state behind every step of the baked story."""
    timeline = side.found.timeline
    beats = (moments(timeline, beat) for beat in range(len(timeline.beats)))
    return [(moment.storyboard, moment.step) for moment in chain.from_iterable(beats)]


def _lanes(left: Sequence[LaneSpec], right: Sequence[LaneSpec]) -> Iterator[tuple[int, int]]:
    """The places of lanes of one name; where each side has but one, of these."""
    if len(left) == len(right) == 1:
        yield 0, 0
        return
    places = {spec.name: place for place, spec in enumerate(right)}
    for place, spec in enumerate(left):
        if spec.name in places:
            yield place, places[spec.name]


def _measured(
    sides: Sequence[Side],
    lanes: Sequence[tuple[int, int]],
    shown: Sequence[Sequence[Shown]],
    stop: Sequence[int],
) -> dict[tuple[str, str], tuple[Number, Number]]:
    """Every reading of every lane at a stop, on both sides."""
    found = {}
    for pair in lanes:
        told = [
            _readings(side.storyboard, place, at[step])
            for side, place, at, step in zip(sides, pair, shown, stop[1:], strict=True)
        ]
        spec = sides[0].storyboard.lanes[pair[0]]
        title = visible(spec.title) or spec.name
        for name in told[0].keys() & told[1].keys():
            found[title, name] = (told[0][name], told[1][name])
    order = list(LANE)
    return dict(sorted(found.items(), key=lambda item: order.index(item[0][1])))


def _readings(storyboard: Storyboard, place: int, shown: Shown) -> dict[str, Number]:
    """The numbers of a lane that it knows; a list of blocks is none. An excerpt has other lanes."""
    theirs, step = shown
    if theirs is not storyboard:
        return {}
    lane, spec = step.lanes[place], storyboard.lanes[place]
    at = InLane(lane.state, storyboard.slot_bytes(spec.name), lane.work)
    unknown = spec.recorded.untold if spec.recorded else ()
    values = {name: metric.measure(at) for name, metric in LANE.items() if name not in unknown}
    return {name: value for name, value in values.items() if not isinstance(value, tuple)}


def _differ(values: tuple[Number, Number]) -> bool:
    return values[0] != values[1]


def _meaning(name: str) -> dict[str, str]:
    return {"unit": LANE[name].unit, "meaning": LANE[name].meaning}


def _settings(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a reader could have set otherwise, where the sides are set apart."""
    known = [{row["key"]: row for row in story["settings"]} for story in (left, right)]
    rows = []
    for key in dict.fromkeys(chain(*known)):
        values = [side[key]["value"] if key in side else None for side in known]
        if values[0] != values[1]:
            row = known[0].get(key) or known[1][key]
            rows.append({"group": row["group"], "label": row["label"], "values": values})
    return rows


def _broken(side: Side) -> Iterator[dict[str, Any]]:
    for unmet in side.found.unmet:
        yield {"beat": unmet.beat + 1, "claim": unmet.claim.text, "text": unmet.problem.message}
