"""A step becomes a picture: the panels of its card, the focus, the call-outs, the words for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from pagereel.model.core.events import EntriesWritten, Event
from pagereel.model.storyboard.storyboard import Excerpt, Shot
from pagereel.model.storyboard.timeline import Half, LaneStep, PlayedShot, Timeline
from pagereel.scenes.canvas import Arrangement, Canvas, Parts, arrange
from pagereel.scenes.pictures.beside.marker import marker
from pagereel.scenes.pictures.callouts import call_out
from pagereel.scenes.pictures.cards.title import title_card
from pagereel.scenes.pictures.chip import named_or_counted
from pagereel.scenes.pictures.focus import dim
from pagereel.scenes.pictures.header import caption, header
from pagereel.scenes.pictures.lanes.field import is_large
from pagereel.scenes.pictures.lanes.lane import lane
from pagereel.scenes.pictures.leading import leading
from pagereel.scenes.pictures.moment import FIRA, Moment, Typefaces
from pagereel.scenes.pictures.moving.causes import causes, read_now, waves
from pagereel.scenes.pictures.moving.cutting import cut, dive
from pagereel.scenes.pictures.moving.framing import around, fitted, framed
from pagereel.scenes.pictures.moving.origins import departures, origins
from pagereel.scenes.pictures.panels import ABOVE, BESIDE, CARDS
from pagereel.scenes.pictures.question import question
from pagereel.scenes.shapes.picture import Box, Cause, Picture, Shape
from pagereel.scenes.shapes.typeface import visible


def compose_beats(
    timeline: Timeline, canvas: Canvas, faces: Typefaces = FIRA
) -> Iterator[tuple[Picture, ...]]:
    """The pictures of every beat, in order."""
    for index in range(len(timeline.beats)):
        yield compose_beat(timeline, index, canvas, faces)


def compose_beat(
    timeline: Timeline, index: int, canvas: Canvas, faces: Typefaces = FIRA
) -> tuple[Picture, ...]:
    """The pictures of a beat: of each shown step one, or as many as its card has stages.

    They stand in order; before them stands the beat's question, if it asks.
    """
    pictures: list[Picture] = []
    before: Moment | None = None
    last = timeline.beats[index - 1].shots[-1] if index else None
    shown = (last, last.end, False) if last else None
    led = leading(timeline, index - 1, len(timeline.beats[index - 1].shots) - 1) if last else ""
    known: dict[str, Shape] = {}
    for moment in moments(timeline, index, faces):
        if before is not None and moment.stage == 0 and _looks_like(moment, before):
            pictures.append(pictures[-1])
        else:
            why = causes(moment, shown)
            if led not in ("", moment.leading) and _lanes(moment, canvas)[1]:
                why |= {Cause.SHOW}
            picture = replace(_compose(moment, canvas), causes=why)
            if shown and Cause.SHOW in picture.causes:
                picture = cut(moment, shown[0].visible, picture)
            if shown and Cause.CARD in picture.causes and "levels" in (
                moment.played.shot.card, shown[0].shot.card,
            ):  # fmt: skip
                picture = dive(moment, picture)
            same = tuple(_known(shape, known) for shape in picture.shapes)
            known = {shape.key: shape for shape in same}
            pictures.append(replace(picture, shapes=same))
        before, shown = moment, (moment.played, moment.step, moment.is_asking)
        led = moment.leading
    return tuple(pictures)


def _known(shape: Shape, before: dict[str, Shape]) -> Shape:
    """The shape, or the one of the picture before that is the same: most are, and long beats have
    thousands of pictures' shapes."""
    there = before.get(shape.key)
    return there if there is not None and there == shape else shape


def moments(timeline: Timeline, index: int, faces: Typefaces = FIRA) -> Iterator[Moment]:
    """What each picture of a beat shows, in the order of `compose_beat`."""
    for moment in _moments(timeline, index, faces):
        card, count = CARDS.get(moment.played.shot.card), _stages(moment)
        is_lapse = moment.is_lapse or (count > 1 and card is not None and card.is_lapse(moment))
        for stage in range(count):
            yield replace(moment, stage=stage, is_lapse=is_lapse)


def picture_count(timeline: Timeline, index: int) -> int:
    """How many pictures `compose_beat` makes of a beat."""
    return sum(1 for _ in moments(timeline, index))


def _stages(moment: Moment) -> int:
    card = CARDS.get(moment.played.shot.card)
    return card.stages(moment) if card else 1


def _looks_like(moment: Moment, before: Moment) -> bool:
    """Whether this is the middle of a step of which a recording kept the end alone."""
    recording = moment.storyboard.recording
    if recording is None or recording.every == 1 or moment.step.half is not Half.SCHEDULED:
        return False
    pairs = zip(moment.step.lanes, before.step.lanes, strict=True)
    return not moment.is_asking and all(now.state is then.state for now, then in pairs)


def _moments(timeline: Timeline, index: int, faces: Typefaces) -> Iterator[Moment]:
    storyboard, played = timeline.storyboard, timeline.beats[index]
    past = tuple(step for beat in timeline.beats[:index] for step in beat.steps)
    done, said, is_opened = 0, 0, False
    last = timeline.beats[index - 1].shots[-1].shot if index else None
    for place, shot in enumerate(played.shots):
        leads = leading(timeline, index, place)
        is_new = last is None or _subject(last) != _subject(shot.shot)
        last_card, last = last.card if last else "", shot.shot
        turn, turns = _turn(played.shots, place)
        is_opened = is_opened if turn else is_new
        about = (storyboard, index + 1, place, played.beat.title, shot)
        if shot.shot.excerpt and shot.excerpt:
            for moment in _excerpt(shot.excerpt, shot.shot.excerpt, faces):
                there = replace(
                    moment.played, shot=shot.shot, caption=shot.caption, visible=shot.visible
                )
                yield replace(
                    moment, number=index + 1, shot=place, title=played.beat.title, played=there,
                    said=said,
                )  # fmt: skip
            done, past, said = done + len(shot.steps), past + shot.steps, said + 1
            continue
        asks, comes_out = shot.shot.question is not None, _comes_out(last_card, shot)
        if asks or (past and comes_out):
            before = past[-1] if past else shot.steps[0]
            written = _written(timeline, *((index, done - 1) if done else (max(index - 1, 0), -1)))
            nothing: tuple[tuple[Event, ...], ...] = tuple(() for _ in storyboard.lanes)
            yield Moment(
                *about, before, nothing, written,
                past=past or (before,), is_asking=asks, faces=faces, said=said, leading=leads,
            )  # fmt: skip
            said += asks
        for i, is_lapse in shot.shown:
            step, at = shot.steps[i], done + i
            recent, written = _recent(timeline, index, at), _written(timeline, index, at)
            asking = shot.shot.question is not None and step is not shot.end
            sofar = past + shot.steps[: i + 1]
            yield Moment(
                *about, step, recent, written,
                frozenset() if is_lapse else read_now(step), sofar, asking, faces, is_lapse,
                is_new=is_new, turn=turn, turns=turns, is_opened=is_opened, said=said,
                leading=leads,
            )  # fmt: skip
        done, past, said = done + len(shot.steps), past + shot.steps, said + 1


def _comes_out(card: str, shot: PlayedShot) -> bool:
    """Whether the camera leaves a card of levels for lanes that then take a step: it is out before
    they do."""
    return card == "levels" and shot.shot.card == "lanes" and bool(shot.shot.do)


def _subject(shot: Shot) -> tuple[object, ...]:
    """What a card shows, besides the state."""
    return shot.card, shot.quote, shot.chart, shot.define


def _turn(shots: Sequence[PlayedShot], place: int) -> tuple[int, int]:
    """Which of how many shots in a row a shot is that show the same."""
    subject = _subject(shots[place].shot)
    before = list(takewhile(lambda s: _subject(s.shot) == subject, reversed(shots[:place])))
    after = list(takewhile(lambda s: _subject(s.shot) == subject, shots[place:]))
    return len(before), len(before) + len(after)


def _excerpt(timeline: Timeline, excerpt: Excerpt, faces: Typefaces) -> Iterator[Moment]:
    """The moments of an excerpt, without what is asked there."""
    found = [m for m in _moments(timeline, excerpt.beat, faces) if not m.is_asking]
    yield from found[-1:] if excerpt.is_still else found


def _recent(timeline: Timeline, beat: int, at: int) -> tuple[tuple[Event, ...], ...]:
    """For each lane, the events since the engine step began; none once a beat passes without."""
    steps = timeline.beats[beat].steps
    step = steps[at]
    together = [step]
    if step.half is Half.SAMPLED and at > 0 and steps[at - 1].half is Half.SCHEDULED:
        together.insert(0, steps[at - 1])
    return tuple(
        tuple(event for half in together for event in half.lane(lane.lane).events)
        for lane in step.lanes
    )


def _written(timeline: Timeline, beat: int, at: int) -> frozenset[tuple[str, str, int]]:
    """(lane, holder, position) of the entries that the latest engine step has written; `at` -1 is
    the beat's last step."""
    steps = timeline.beats[beat].steps
    before = [*steps[: at % len(steps) + 1]]
    while not any(step.half is Half.SCHEDULED for step in before) and beat > 0:
        beat -= 1
        before = [*timeline.beats[beat].steps, *before]
    latest = next((step for step in reversed(before) if step.half is Half.SCHEDULED), None)
    return frozenset(
        (lane.lane, event.request, position)
        for lane in (latest.lanes if latest else ())
        for event in lane.events
        if isinstance(event, EntriesWritten)
        for position in range(event.start, event.start + event.count)
    )


def _compose(moment: Moment, canvas: Canvas) -> Picture:
    shot = moment.played.shot
    large, small = _lanes(moment, canvas)
    places = arrange(canvas, _parts(moment, len(large), len(small)))
    panels = tuple(_panels(moment, places, large, small, canvas.smaller))
    # Tokens last: on their way into a slot they cross everything else.
    ordered = sorted(panels, key=lambda shape: "token" in shape.tags)
    inset = tuple(_inset(moment, places, canvas.smaller))
    shapes = dim(ordered, shot.focus or (NOBODY if inset else ()))
    if shot.camera:
        shapes = framed(shapes, shot.camera, _field(places))
    is_last = moment.stage == _stages(moment) - 1
    is_end = moment.step is moment.played.end and not moment.is_asking and is_last
    remarks = shot.callouts if is_end else ()
    said = () if moment.is_asking else caption(moment, places.caption)
    pointed: tuple[Shape, ...] = ()
    for i, remark in enumerate(remarks):
        ground = (*shapes, *said, *pointed)
        pointed += tuple(call_out(moment, i, remark, ground, canvas.safe))
    return Picture(
        canvas.width,
        canvas.height,
        "background",
        (*around(shapes, inset), *inset, *pointed, *said),
        origins(moment),
        departures(moment),
        describe(moment),
        moment.is_lapse,
        tuple(waves(moment)),
        is_stage=not is_last and CARDS[shot.card].is_even,
        said=moment.said,
    )


NOBODY = ("nobody",)
"""A focus that everything recedes from."""


Steps = tuple[LaneStep, ...]


def _lanes(moment: Moment, canvas: Canvas) -> tuple[Steps, Steps]:
    """The lanes that are drawn, and those that have a marker; fields, which have no words that
    could be too small, stay together."""
    there = tuple(step for step in moment.step.lanes if moment.is_visible(f"lane {step.lane}"))
    are_fields = all(is_large(step.state) for step in there)
    if not canvas.is_one_at_a_time or len(there) < 2 or are_fields:
        return there, ()
    names = [step.lane for step in there]
    leading = canvas.leading if canvas.leading in names else moment.leading
    large = next((step for step in there if step.lane == leading), there[0])
    return (large,), tuple(step for step in there if step is not large)


def _parts(moment: Moment, lanes: int, markers: int) -> Parts:
    """What an arrangement has to make room for."""
    shot = moment.played.shot
    if shot.card == "title":
        return Parts(lanes, beside="", markers=markers)
    beside = shot.beside if moment.is_visible("beside") else ""
    is_above = moment.is_visible("above") or shot.question is not None
    are_fields = all(is_large(step.state) for step in moment.step.lanes)
    return Parts(lanes, is_above, beside, markers, are_fields)


def _stage(places: Arrangement) -> Box:
    """All between headline and caption."""
    top, end = places.header.bottom + 18, places.caption.y - 18
    return Box(places.header.x, top, places.header.w, end - top)


def _field(places: Arrangement) -> Box:
    """All that a camera moves over: the lanes with what stands above and beside them."""
    boxes = (places.above, places.beside, *places.lanes, *places.markers)
    x, y = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(x, y, right - x, bottom - y).inset(-2)  # with the cards' outlines


def _inset(moment: Moment, places: Arrangement, smaller: float) -> Iterator[Shape]:
    """What lies over the lanes; its first shape is its ground."""
    card = CARDS.get(moment.played.shot.card)
    if card and card.is_inset:
        yield from fitted(card.draw, moment, _stage(places), smaller)


def _panels(
    moment: Moment, places: Arrangement, large: Steps, small: Steps, smaller: float
) -> Iterator[Shape]:
    """The panels of the shot's card, without what is said and what lies over them."""
    shot = moment.played.shot
    card = CARDS.get(shot.card)
    if shot.card == "title":
        top = places.header
        yield from title_card(moment, Box(top.x, top.y, top.w, places.above.bottom - top.y))
    else:
        yield from header(moment, places.header)
    if card and not card.is_inset:
        yield from fitted(card.draw, moment, _stage(places), smaller)
        return
    if shot.card != "title" and (shot.question or moment.is_visible("above")):
        panel = question if shot.question else ABOVE[shot.above]
        yield from fitted(panel, moment, places.above, smaller)
    for step, box in zip(small, places.markers, strict=False):  # a panel may tell of them instead
        yield from marker(moment, step, box)
    for step, box in zip(large, places.lanes, strict=True):
        yield from lane(moment, step, box)
    if shot.card != "title" and moment.is_visible("beside") and large:
        # What is used, markers say of their lanes.
        told = large if shot.beside == "metrics" else (*large, *small)
        ordered = tuple(step for step in moment.step.lanes if step in told)
        seen = replace(moment, step=replace(moment.step, lanes=ordered))
        yield from BESIDE[shot.beside](seen, places.beside)


def describe(moment: Moment) -> str:
    """The picture in words, for those who cannot see it."""
    said = [visible(moment.title), visible(moment.played.caption)]
    for lane_step in moment.step.lanes:
        if not moment.is_visible(f"lane {lane_step.lane}"):
            continue
        state = lane_step.state
        running, waiting = named_or_counted(state.running), named_or_counted(state.waiting)
        said.append(f"Lane {lane_step.lane}: running {running}; waiting {waiting}.")
    card = CARDS.get(moment.played.shot.card)
    if card and not moment.is_asking:
        said += card.words(moment)
    return " ".join(text for text in said if text)
