"""Which shapes of a motion can be drawn once, and which must be drawn again for every frame."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from pagereel.scenes.shapes.extents import around, extent, text_box
from pagereel.scenes.shapes.picture import (
    Box,
    Cause,
    Formula,
    Path,
    Pattern,
    Picture,
    Rect,
    Rgba,
    Shape,
    Text,
)


@dataclass(frozen=True, slots=True)
class Track:
    """One shape's way: from `before` (None: it enters) to `after` (None: it leaves)."""

    before: Shape | None
    after: Shape | None
    start: float = 0.0
    """When it starts to move, as a share of the motion."""
    end: float = 1.0
    cause: Cause | None = None
    """Why it moves; None: it does not, or nobody knows."""

    def at(self, time: float) -> Shape | None:
        """The shape at a share of the motion; None while it is not there."""
        if self.before is not None and self.after is not None:
            return _between(self.before, self.after, ease(self._share(time)))
        share = ease(self._share(time))
        if self.after is not None:
            return self.after._replace(opacity=self.after.opacity * share) if share else None
        assert self.before is not None
        return self.before._replace(opacity=self.before.opacity * (1 - share))

    def _share(self, time: float) -> float:
        return min(max((time - self.start) / (self.end - self.start), 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Motion:
    """Everything between two pictures, in drawing order."""

    still: tuple[bool, ...]
    """For each track, whether it is the same in both pictures."""
    tracks: tuple[Track, ...]

    def at(self, time: float) -> list[Shape]:
        """All shapes at a share of the motion (0 to 1), in drawing order."""
        return [shape for track in self.tracks if (shape := track.at(time)) is not None]


def ease(share: float) -> float:
    """Slow, fast, slow: a smooth step with no jerk at either end."""
    return share * share * share * (share * (share * 6 - 15) + 10)


def derive(before: Picture, after: Picture) -> Motion:
    """The motion from one painted picture to the next.

    What leaves is drawn under what stays; leaving is over before entering begins, so that no text
    crosses another. Flights take the middle of the motion, staggered in the order of `origins`;
    what is read lights up before them, in the order of `waves`. What flies from a shape that
    leaves is that shape on its way: it does not fade as well. What leaves to another shape flies
    there over all that stays, and is gone when it arrives.
    """
    old = {shape.key: shape for shape in before.shapes}
    new = {shape.key: shape for shape in after.shapes}
    origins = dict(after.origins)
    flying = [key for key in origins if key in new and key not in old and origins[key] in new | old]
    waves, first = dict(after.waves), 0.5 if after.waves else 0.05
    delays = _stagger((origins[key] for key in flying), first)
    away = {origins[key] for key in flying}
    leaving = [s for s in before.shapes if s.key not in new and s.key not in away]
    targets = {key: new[goal] for key, goal in after.departures if goal in new}
    tracks: list[Track] = [Track(s, None, 0.0, 0.4) for s in leaving if s.key not in targets]
    for shape in after.shapes:
        known = old.get(shape.key)
        if shape.key in flying:
            place = origins[shape.key]
            when = delays[place.removesuffix("/word")]
            share = waves.get(shape.key.removesuffix("/word"))
            if share is not None:
                when = (0.05 + 0.5 * share, 0.45 + 0.5 * share)
            tracks.append(_flight(shape, new.get(place) or old[place], when))
        elif known is None:
            start, end = 0.4, 1.0
            if shape.key in waves:
                start, end = 0.35 + 0.5 * waves[shape.key], 0.5 + 0.5 * waves[shape.key]
            tracks.append(Track(None, shape, start, end))
        elif shape.key in waves:
            start = 0.05 + 0.45 * waves[shape.key]
            tracks.append(Track(known, shape, start, start + 0.15))
        elif _same_words(known, shape):
            tracks.append(Track(known, shape, 0.1, 0.9))
        else:
            tracks += (Track(known, None, 0.0, 0.5), Track(None, shape, 0.5, 1.0))
    ends = _stagger((key for key in targets if key in {s.key for s in leaving}), first)
    for shape in (s for s in leaving if s.key in targets):
        when = ends[shape.key.removesuffix("/word")]
        tracks.append(Track(shape, _arrived(shape, targets[shape.key]), *when))
    still = tuple(track.before == track.after for track in tracks)
    ways = {**origins, **targets}
    caused = (
        track if rests else replace(track, cause=_cause(track, after.causes, ways))
        for track, rests in zip(tracks, still, strict=True)
    )
    return Motion(still, tuple(caused))


_OWN = {
    "caption/": Cause.WORDS,
    "header/": Cause.WORDS,
    "definition": Cause.INSET,
    "end": Cause.INSET,
    "callout/": Cause.FOCUS,
}
"""Why shapes move whose keys start so, whatever else happens."""


def _cause(track: Track, causes: frozenset[Cause], ways: Collection[str]) -> Cause | None:
    """Why a shape moves: the first of the causes that can have moved it; `ways` are the keys of
    what comes from a place or goes to one."""
    shape = track.after or track.before
    assert shape is not None, "a track has an end"
    own = next((why for start, why in _OWN.items() if shape.key.startswith(start)), None)
    if own or shape.key.endswith("/outcome"):
        return own or Cause.WORDS
    changes = track.before is not None and track.after is not None
    if {Cause.CARD, Cause.SHOW} & causes and not changes and shape.key not in ways:
        return Cause.CARD
    return next((cause for cause in Cause if cause in causes), None)


def _stagger(origins: Iterable[str], first: float) -> dict[str, tuple[float, float]]:
    """When each flight starts and ends, from `first` on: one origin after the other.

    What flies from one place to several lanes flies at one time, and a word with its token.
    """
    places = list(dict.fromkeys(origin.removesuffix("/word") for origin in origins))
    lasts = (1 - first) * (0.58 if len(places) < MANY else 0.36)
    step = (0.97 - first - lasts) / max(len(places) - 1, 1)
    return {place: (first + i * step, first + i * step + lasts) for i, place in enumerate(places)}


MANY = 4
"""Flights from which on each is shorter, that they can be told apart."""


def _flight(shape: Shape, origin: Shape, when: tuple[float, float]) -> Track:
    """Enter from another shape: as that one looks, but with the words of this one."""
    match shape, origin:
        case Text(), Text():
            there = shape._replace(
                y=origin.y, size=origin.size, ink=origin.ink, opacity=origin.opacity
            )
            shift = text_box(origin).centre[0] - text_box(there).centre[0]
            start: Shape = there._replace(x=there.x + shift)
        case Rect(), Rect():
            start = origin._replace(key=shape.key)
        case _:
            raise AssertionError(f"{shape.key} cannot come from {origin.key}")
    return Track(start, shape, *when)


def _arrived(shape: Shape, goal: Shape) -> Shape:
    """The shape where it is gone: in the middle of the other one, and not to be seen."""
    x, y = extent(goal).centre
    was = extent(shape).centre
    dx, dy = x - was[0], y - was[1]
    match shape:
        case Text():
            return shape._replace(x=shape.x + dx, y=shape.y + dy, opacity=0)
        case Path():
            points = tuple((px + dx, py + dy) for px, py in shape.points)
            return shape._replace(points=points, opacity=0)
        case Rect():
            return shape._replace(box=shape.box.moved(dx, dy), opacity=0)
        case Formula():
            return shape._replace(box=shape.box.moved(dx, dy), opacity=0)


def _same_words(first: Shape, second: Shape) -> bool:
    """Whether a shape can turn into another without a cross-fade."""
    match first, second:
        case Text(), Text():
            return first.face == second.face and (
                first.text == second.text or _counts(first.text, second.text)
            )
        case Path(), Path():
            return len(first.points) == len(second.points)
        case Formula(), Formula():
            return first.typst == second.typst
        case Rect(), Rect():
            return True
    return False


_NUMBER = re.compile(r"\d[\d,]*")


def _counts(first: str, second: str) -> bool:
    """Whether two texts differ in their whole numbers alone, so that one can count to the other."""
    return _NUMBER.split(first) == _NUMBER.split(second)


def _counted(before: str, after: str, share: float) -> str:
    """A text part of the way: its numbers count."""
    if before == after:
        return after
    found = iter(zip(_NUMBER.findall(before), _NUMBER.findall(after), strict=True))

    def number(_: re.Match[str]) -> str:
        first, second = next(found)
        value = round(_mix(_whole(first), _whole(second), share))
        return f"{value:,}" if "," in first + second else str(value)

    return _NUMBER.sub(number, after)


def _whole(number: str) -> int:
    return int(number.replace(",", ""))


def _between(before: Shape, after: Shape, share: float) -> Shape:
    """A shape part of the way from one to the other."""
    if before == after or share == 1:
        return after
    if share == 0:
        return before
    opacity = _mix(before.opacity, after.opacity, share)
    match before, after:
        case Rect(), Rect():
            pattern, pattern_ink = _mix_pattern(before, after, share)
            return after._replace(
                box=_mix_box(before.box, after.box, share),
                fill=_mix_ink(before.fill, after.fill, share),
                stroke=_mix_ink(before.stroke, after.stroke, share),
                pattern=pattern,
                pattern_ink=pattern_ink,
                line=_mix(before.line, after.line, share),
                radius=_mix(before.radius, after.radius, share),
                opacity=opacity,
            )
        case Text(), Text():
            x, y = _mix(before.x, after.x, share), _mix(before.y, after.y, share)
            ink, size = _mix_ink(before.ink, after.ink, share), _mix(before.size, after.size, share)
            text = _counted(before.text, after.text, share)
            return after._replace(x=x, y=y, text=text, size=size, ink=ink, opacity=opacity)
        case Path(), Path():
            points = tuple(
                (_mix(x0, x1, share), _mix(y0, y1, share))
                for (x0, y0), (x1, y1) in zip(before.points, after.points, strict=True)
            )
            ink, line = _mix_ink(before.ink, after.ink, share), _mix(before.line, after.line, share)
            return after._replace(points=points, ink=ink, line=line, opacity=opacity)
        case Formula(), Formula():
            box = _mix_box(before.box, after.box, share)
            return after._replace(box=box, opacity=opacity)
    raise AssertionError(f"{before.key} changed its kind")


def _mix_pattern(before: Rect, after: Rect, share: float) -> tuple[Pattern, Rgba]:
    """One pattern fades out, then the other fades in; the same one recolours."""
    first, second = before.pattern_ink, after.pattern_ink
    assert isinstance(first, Rgba) and isinstance(second, Rgba), "motion needs painted pictures"
    if before.pattern is after.pattern:
        return after.pattern, _mix_ink(first, second, share)
    if share < 0.5:
        return before.pattern, first._replace(a=first.a * (1 - 2 * share))
    return after.pattern, second._replace(a=second.a * (2 * share - 1))


def _mix(a: float, b: float, share: float) -> float:
    return a + (b - a) * share


def _mix_box(a: Box, b: Box, share: float) -> Box:
    return Box(*(_mix(p, q, share) for p, q in zip(a, b, strict=True)))


def _mix_ink(a: object, b: object, share: float) -> Rgba:
    """Between two painted colours; what is clear takes the other's colour and fades."""
    assert isinstance(a, Rgba) and isinstance(b, Rgba), "motion needs painted pictures"
    first = b._replace(a=0) if a.a == 0 else a
    second = a._replace(a=0) if b.a == 0 else b
    return Rgba(*(_mix(p, q, share) for p, q in zip(first, second, strict=True)))


def split_layers(motion: Motion) -> tuple[tuple[Track, ...], Motion]:
    """The still tracks to draw once, beneath; and the motion of all others, in drawing order.

    A still shape that lies over anything drawn later than the still layer must itself be drawn
    later, or it would sink beneath it. What does not overlap may be drawn in any order.
    """
    below: list[Track] = []
    above: list[Track] = []
    still: list[bool] = []
    covered: list[Box] = []
    for track, is_still in zip(motion.tracks, motion.still, strict=True):
        swept = _swept(track)
        if is_still and not any(swept.overlaps(box) for box in covered):
            below.append(track)
        else:
            above.append(track)
            still.append(is_still)
            covered.append(swept)
    return tuple(below), Motion(tuple(still), tuple(above))


def _swept(track: Track) -> Box:
    """Everything the shape touches on its way, and a pixel for the softness of edges."""
    ends = [extent(shape) for shape in (track.before, track.after) if shape is not None]
    return around(ends).inset(-1)
