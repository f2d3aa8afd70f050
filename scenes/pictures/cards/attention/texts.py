"""What the attention card says: what happens now, what is read, where weights come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pagereel.model.core.sizes import human_bytes
from pagereel.model.readings.attention import DecodeStep
from pagereel.model.storyboard.attention import percent
from pagereel.model.usage.bandwidth import Movement
from pagereel.scenes.pictures.cards.attention.reading import stops
from pagereel.scenes.pictures.cards.attention.stages import Stage, asked
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.moment import Moment, shown_word
from pagereel.scenes.shapes.picture import Anchor, Box, Shape, Text
from pagereel.scenes.shapes.typeface import balance

ILLUSTRATIVE = "bars: illustrative, all weights drawn alike"
"""Where no record knows the weights."""


def status(moment: Moment, found: DecodeStep, stage: Stage) -> str:
    """What happens in a stage."""
    word = moment.word(found.holder, found.position)
    if stage.is_answered:
        return "Out comes the next token"
    if stage.is_written:
        return f"“{word}” adds its own key and value"
    if stage.is_mixed:
        return "The values flow together"
    if stage.is_weighed:
        return "The scores become weights, 100 % in all"
    if stage.at is None:
        return f"“{word}” has a question"
    stop = stops(found)[stage.at]
    if stage.asked > stage.at:
        return f"{len(asked(found, stage))} of {len(found.reads)} keys answered"
    if len(stop) > 1:
        return f"Rows {stop[0].index + 1} to {stop[-1].index + 1} name their blocks"
    return f"Row {stop[0].index + 1} says: block {stop[0].block}"


def foot(moment: Moment, found: DecodeStep, lines: Sequence[Box], size: float) -> Iterator[Shape]:
    """What the step reads and writes, and where the weights come from."""
    moved = Movement(moment.storyboard.geometry, len(found.cached), 1)
    count = len(found.cached)
    tokens = f"reads K/V of {count} {'token' if count == 1 else 'tokens'}"
    layer, whole = human_bytes(moved.layer_bytes_read), human_bytes(moved.bytes_read)
    amount = f"{layer} a layer, {whole} in {moment.storyboard.geometry.layers} layers"
    record = moment.storyboard.attention
    source = record.label if record and found.scores else ILLUSTRATIVE
    texts = [f"{tokens}: {amount}; writes 1", source]
    if len(lines) > len(texts):
        measures = moment.faces.measures("text")
        texts = [part for text in texts for part in balance(text, lines[0].w, size, measures)]
    spots = [(line, line.x, Anchor.START) for line in lines]
    if len(lines) == 1:
        spots.append((lines[0], lines[0].right, Anchor.END))
    shorter = (f"{tokens}: {whole} in all; writes 1", source.split("; ")[0])
    measures = moment.faces.measures("text")
    if len(texts) == len(lines) == len(shorter):
        pairs = zip(texts, shorter, lines, strict=True)
        texts = [a if measures.width(a, size) <= line.w else b for a, b, line in pairs]
    for at, (told, (line, x, anchor)) in enumerate(zip(texts, spots, strict=False)):
        yield Text(f"attend/foot/{at}", x, baseline(line.centre[1], size), told, size, "muted",
                   moment.faces.text, anchor, line)  # fmt: skip


def in_words(moment: Moment, found: DecodeStep) -> Iterator[str]:
    """The step in words, for those who cannot see it."""
    word = moment.word(found.holder, found.position)
    blocks = [str(row.block) for stop in stops(found) for row in stop]
    yield (
        f"The query of “{word}” reads {len(found.cached)} keys and values,"
        f" in blocks {', '.join(blocks)}, in this order."
    )
    if found.scores is not None:
        largest = sorted(found.weights, key=lambda place: -found.weights[place])[:3]
        words = (moment.word(found.holder, place) for place in largest)
        shares = (percent(found.weights[place]) for place in largest)
        pairs = (f"“{each}” {share}" for each, share in zip(words, shares, strict=True))
        yield f"The largest weights: {', '.join(pairs)}."
    if found.answer:
        yield f"The next token: “{shown_word(found.answer)}”."
