"""What makes a film of pictures: how much moves and why, how long nothing does, how large it is.

Arithmetic over clips; nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pagereel.model.storyboard.timeline import PlayedBeat, PlayedShot, Timeline
from pagereel.scenes.lint import share
from pagereel.scenes.shapes.clip import Clip, Leg
from pagereel.scenes.shapes.motion import Motion, derive
from pagereel.scenes.shapes.picture import Cause, Picture, Text

FOR_A_REASON = frozenset(Cause) - {Cause.CARD, Cause.WORDS}
"""Causes that make motion a part of the story: not cross-fades, not changes of the caption."""
READ_ALONE = frozenset({"chart", "quoted"})
"""Cards that a viewer needs time to read: stillness on them does not count."""


@dataclass(frozen=True, slots=True)
class Film:
    """The figures of one storyboard in one aspect."""

    seconds: float
    moving: float
    """Share of the time in which something moves for a reason, 0 to 1."""
    longest_still: float
    """Seconds without such motion, but for questions, charts and quotes."""
    smallest_type: float
    """In pixels of the 1080p canvas."""
    frame_share: float
    """Least share of the frame that lanes take together with what belongs to them, 0 to 1."""
    words_a_minute: float
    """Of what is said."""
    unexplained: tuple[str, ...]
    """Keys of shapes that move without a cause."""


def film(timeline: Timeline, clips: Sequence[Clip]) -> Film:
    """Measure the clips of a storyboard's beats, in order."""
    rate = clips[0].rate
    frames = sum(clip.frames for clip in clips)
    spans = [*_spans(timeline.beats, clips)]
    pictures = [leg.picture for clip in clips for leg in clip.legs]
    words = sum(len(said.words.split()) for played in timeline.beats for said in played.said)
    shares = [share(p) for p, shot in _shown(timeline.beats, clips) if shot.shot.card == "lanes"]
    texts = [shape.size for p in pictures for shape in p.shapes if isinstance(shape, Text)]
    return Film(
        seconds=frames / rate,
        moving=sum(span.motion for span in spans) / frames,
        longest_still=max(_stills(spans), default=0) / rate,
        smallest_type=min(texts, default=0.0),
        frame_share=min(shares, default=1.0),
        words_a_minute=words / (frames / rate) * 60,
        unexplained=tuple(dict.fromkeys(key for span in spans for key in span.unexplained)),
    )


@dataclass(frozen=True, slots=True)
class _Span:
    """One leg: frames in which something moves for a reason, then frames in which nothing does."""

    motion: int
    still: int
    counts: bool
    """Whether its stillness counts."""
    unexplained: tuple[str, ...]


def _spans(beats: Sequence[PlayedBeat], clips: Sequence[Clip]) -> Iterator[_Span]:
    for played, clip in zip(beats, clips, strict=True):
        before = clip.opening
        for leg in clip.legs:
            said = played.said[leg.picture.said]
            card = played.shots[said.shot].shot.card
            yield _span(before, leg, not said.asks and card not in READ_ALONE)
            before = leg.picture


def _span(before: Picture, leg: Leg, counts: bool) -> _Span:
    motion = derive(before, leg.picture)
    moves = leg.motion and any(cause in FOR_A_REASON for cause in _causes(motion))
    moving = leg.motion if moves else 0
    return _Span(moving, leg.frames - moving, counts, tuple(_unexplained(motion)))


def _causes(motion: Motion) -> Iterator[Cause | None]:
    return (
        track.cause for track, rests in zip(motion.tracks, motion.still, strict=True) if not rests
    )


def _unexplained(motion: Motion) -> Iterator[str]:
    for track, rests in zip(motion.tracks, motion.still, strict=True):
        shape = track.after or track.before
        if not rests and track.cause is None and shape is not None:
            yield shape.key


def _stills(spans: Sequence[_Span]) -> Iterator[int]:
    """Frames of every stretch without motion; one that does not count ends it."""
    run = 0
    for span in spans:
        if span.motion:
            yield run
            run = 0
        run = run + span.still if span.counts else 0
    yield run


def _shown(
    beats: Sequence[PlayedBeat], clips: Sequence[Clip]
) -> Iterator[tuple[Picture, PlayedShot]]:
    for played, clip in zip(beats, clips, strict=True):
        for leg in clip.legs:
            yield leg.picture, played.shots[played.said[leg.picture.said].shot]
