"""The opening card: the video's title over the first request's words, and what the lanes are."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.storyboard.storyboard import Script
from pagereel.scenes.canvas import Canvas
from pagereel.scenes.pictures.above.arrivals import sources
from pagereel.scenes.pictures.cards.definition import formula
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Moment, shown_word
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Formula, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import balance, break_lines, shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_DISPLAY, SIZE_LABEL


def title_card(moment: Moment, canvas: Canvas) -> Iterator[Shape]:
    """The video's title over the first request's words, and what the lanes below stand for."""
    storyboard, safe, faces = moment.storyboard, canvas.safe, moment.faces
    y = safe.y + safe.h * (0.2 if canvas.width > canvas.height else 0.1)
    measures = faces.measures("bold")
    for i, line in enumerate(balance(visible(storyboard.title), safe.w, SIZE_DISPLAY, measures)):
        yield Text(f"title/{i}", safe.x, y, line, SIZE_DISPLAY, "text", faces.bold)
        y += 68
    subtitle = visible(storyboard.subtitle)
    for i, line in enumerate(balance(subtitle, safe.w, SIZE_BODY, faces.measures("text"))):
        yield Text(f"title/subtitle/{i}", safe.x, y - 8, line, SIZE_BODY, "muted", faces.text)
        y += 40
    opening = _log if _is_wordless(moment) else _sentence
    tokens = tuple(opening(moment, Box(safe.x, y + 40, safe.w, 72)))
    yield from tokens
    ends = [s.y if isinstance(s, Text) else s.box.bottom for s in tokens if not isinstance(s, Path)]
    below = max(ends, default=y)
    lanes = tuple(_systems(moment, safe))
    weight = Box(safe.x, below + 92, safe.w, 80)
    if weight.bottom <= min(shape.box.y for shape in lanes if isinstance(shape, Rect)):
        yield from _bytes(moment, weight)
    yield from lanes


def _sentence(moment: Moment, box: Box) -> Iterator[Shape]:
    """The first request as large tokens: the prompt filled, the answer outlined if it is known."""
    if not moment.storyboard.requests:
        return
    script = moment.storyboard.script(moment.storyboard.requests[0].id)
    answer = () if script.beam else script.output_of(0)
    x, y, measures = box.x, box.y, moment.faces.measures("text")
    for position, token in enumerate(script.prompt + answer):
        word = shorten(shown_word(token), 320, SIZE_BODY, measures)
        width = round(measures.width(word, SIZE_BODY) + 36)
        if x + width > box.right:
            x, y = box.x, y + box.h + 12
        if y > box.y + 2 * box.h:
            return
        yield from _token(moment, script, position, word, Box(x, y, width, box.h))
        x += width + 10


def _is_wordless(moment: Moment) -> bool:
    recording = moment.storyboard.recording
    return recording is not None and not any(asked.tokens for asked in recording.requests)


def _log(moment: Moment, box: Box) -> Iterator[Shape]:
    """Whose requests they are, where only their lengths are known."""
    recording, faces = moment.storyboard.recording, moment.faces
    assert recording, "only a recording has requests without words"
    log, y = recording.log, box.y
    told = (
        f"{log.requests:,} real requests, replayed through the models below",
        *sources(recording),
    )
    for i, text in enumerate(told):
        for j, line in enumerate(break_lines(text, box.w, SIZE_LABEL, faces.measures("text"))):
            key = f"title/log/{i}/{j}"
            yield Text(key, box.x, y, line, SIZE_LABEL, "muted", faces.text)
            y += 34


def _token(moment: Moment, script: Script, position: int, word: str, box: Box) -> Iterator[Shape]:
    asked = position < len(script.prompt)
    key = f"prompt/{script.sequence_ids[0]}/{position}"
    yield Rect(
        key=key,
        box=box,
        fill=moment.ink(script.id, "pale") if asked else CLEAR,
        stroke=CLEAR if asked else moment.ink(script.id, "edge"),
        line=0 if asked else 2,
        radius=12,
    )
    yield Text(
        key=f"{key}/word",
        x=box.centre[0],
        y=baseline(box.centre[1], SIZE_BODY),
        text=word,
        size=SIZE_BODY,
        ink="text" if asked else "muted",
        face=moment.faces.text,
        anchor=Anchor.MIDDLE,
    )


def _bytes(moment: Moment, box: Box) -> Iterator[Shape]:
    """What one slot weighs, as a formula over the model's own shape."""
    shape = moment.storyboard.geometry
    face, measures = moment.faces.text, moment.faces.measures("text")
    label = f"one token's keys and values in {visible(shape.title or shape.name)}"
    label = shorten(label, box.w, SIZE_LABEL, measures)
    yield Text("title/bytes/label", box.x, box.y + 14, label, SIZE_LABEL, "muted", face)
    source = formula("bytes-per-token", shape)
    yield Formula("title/bytes/formula", Box(box.x, box.y + 36, box.w, 30), source, "text",
                  note=f"{shape.bytes_per_token} bytes a token")  # fmt: skip


def _systems(moment: Moment, safe: Box) -> Iterator[Shape]:
    """Each lane's name and what it models, along the bottom; stacked where it is narrow."""
    lanes, measures = moment.storyboard.lanes, moment.faces.measures("text")
    across = len(lanes) if safe.w > safe.h * 1.2 else 1 if len(lanes) < 4 else 2
    width = (safe.w - 24 * (across - 1)) / across
    told = [break_lines(_claim(spec), width - 48, SIZE_LABEL, measures) for spec in lanes]
    height = 72 + 30 * max(1 if across == 1 else 2, *map(len, told))
    for i, spec in enumerate(lanes):
        down = (len(lanes) - 1 - i) // across
        x, y = safe.x + (i % across) * (width + 24), safe.bottom - height - down * (height + 16)
        yield from _system(moment, spec, Box(x, y, width, height))


def _claim(spec: LaneSpec) -> str:
    """What the lane's kind claims, and how it is set otherwise than its engine is by default."""
    kind = kind_of(spec)
    told = kind.unlike_defaults(spec)
    return f"{kind.summary} Set here: {told}." if told else kind.summary


def _system(moment: Moment, spec: LaneSpec, card: Box) -> Iterator[Shape]:
    key, kind, faces = f"title/lane/{spec.name}", kind_of(spec), moment.faces
    measures, x, room = faces.measures("text"), card.x + 24, card.w - 48
    yield Rect(key, card, "card", "edge", 1.5, radius=16)
    name = shorten(visible(spec.title), room * 0.55, SIZE_BODY, faces.measures("bold"))
    yield Text(f"{key}/name", x, card.y + 42, name, SIZE_BODY, "text", faces.bold)
    left = room - faces.measures("bold").width(name, SIZE_BODY) - 20
    system = shorten(kind.system, left, SIZE_LABEL, measures)
    yield Text(f"{key}/system", card.right - 24, card.y + 42, system, SIZE_LABEL, "muted",
               faces.text, Anchor.END)  # fmt: skip
    for row, line in enumerate(break_lines(_claim(spec), room, SIZE_LABEL, measures)):
        yield Text(f"{key}/{row}", x, card.y + 78 + 30 * row, line, SIZE_LABEL, "muted",
                   faces.text)  # fmt: skip
