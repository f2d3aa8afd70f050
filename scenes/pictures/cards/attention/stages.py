"""In how many pictures a decode step is told, and what has happened in each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pagereel.model.readings.attention import DecodeStep, Row
from pagereel.model.storyboard.timeline import Half
from pagereel.scenes.pictures.cards.attention.reading import reading, stops
from pagereel.scenes.pictures.moment import Moment

SLOWLY = 4
"""So many rows' blocks are first lit, then asked; of more each is lit and asked at once."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What has happened so far."""

    at: int | None = None
    """Which of its stops the query is at, from 0; None: with its own token."""
    asked: int = 0
    """Stops whose keys have given their scores."""
    is_weighed: bool = False
    """Whether scores have become weights."""
    is_mixed: bool = False
    """Whether the values have been added up."""
    is_written: bool = False
    """Whether the token's own key and value lie in their slot."""
    is_answered: bool = False
    """Whether the next token is known."""


def asked(found: DecodeStep, stage: Stage) -> frozenset[int]:
    """The positions whose keys have answered: those of the rows so far, and at last its own."""
    rows = (row for stop in stops(found)[: stage.asked] for row in stop)
    places = frozenset(place for row in rows for place in row.reads)
    is_over = stage.is_weighed or (stage.asked and stage.asked == len(stops(found)))
    return places | {found.position} if is_over else places


def here(found: DecodeStep, stage: Stage) -> tuple[Row, ...]:
    """The rows of the table that matter now: which the query has come to, or which says where the
    token's own entry goes."""
    if stage.at is not None:
        return stops(found)[stage.at]
    is_writing = stage.is_written and not stage.is_answered
    return found.rows[-1:] if is_writing else ()


def attention_stages(count: int) -> tuple[Stage, ...]:
    """The stages of a step whose query stops at so many places of a block table."""
    stages = [Stage()]
    for stop in range(count):
        if count <= SLOWLY:
            stages.append(Stage(stop, stop))
        stages.append(Stage(stop, stop + 1))
    weighed = Stage(None, count, is_weighed=True)
    mixed = replace(weighed, is_mixed=True)
    written = replace(mixed, is_written=True)
    return (*stages, weighed, mixed, written, replace(written, is_answered=True))


def stages_of(moment: Moment, found: DecodeStep | None) -> tuple[Stage, ...]:
    """Those that this moment shows: of a shot's last engine step all, of those before it the end.

    The next token is known once it is sampled. Where the shot takes no step, all are shown of the
    latest one. Before the first decode step there is nothing to tell.
    """
    if found is None:
        return (Stage(),)
    about = moment.played.shot.attend
    assert about is not None, "the reader gives every attention card its request"
    stages = attention_stages(len(stops(found)))
    if about.tell != "all":
        stages = tuple(each for each in stages if each.is_weighed is (about.tell == "mixing"))
    steps = moment.played.steps
    if not any(step.half is Half.SCHEDULED for step in steps):
        return stages
    if found.number != moment.step.number or moment.step.number != steps[-1].number:
        return stages[-1:]
    if moment.step.half is not Half.SCHEDULED:
        return stages[-1:]
    return tuple(each for each in stages if not each.is_answered)


def stage_count(moment: Moment) -> int:
    """How many pictures the card makes of a moment."""
    return len(stages_of(moment, reading(moment)))
