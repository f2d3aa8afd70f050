"""Which shapes of a motion can be drawn once, and which must be drawn again for every frame."""

from __future__ import annotations

from scenes.extents import around, extent
from scenes.motion import Motion, Track
from scenes.shapes import Box


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
