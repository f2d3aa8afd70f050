"""The card `attention`: a query goes from row to row of a block table, and what comes of it.

One picture a stage. What moves between two of them has one key in both: the query, the glow on a
block, the keys that become bars, the values that become parts of the mix.
"""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.readings.attention import DecodeStep
from pagereel.model.storyboard.attention import percent
from pagereel.scenes.pictures.cards.attention.memory import above_strips, pool, strip
from pagereel.scenes.pictures.cards.attention.places import Places, places
from pagereel.scenes.pictures.cards.attention.reading import reading, shown
from pagereel.scenes.pictures.cards.attention.stages import Stage, asked, here, stages_of
from pagereel.scenes.pictures.cards.attention.texts import foot, in_words, status
from pagereel.scenes.pictures.chip import CHIP, baseline, chip, chip_width
from pagereel.scenes.pictures.moment import Moment, shown_word
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Ink, Path, Rect, Shape, Text
from pagereel.scenes.shapes.typeface import shorten, visible
from pagereel.scenes.style import SIZE_BODY, SIZE_LABEL, SIZE_TITLE

OUTPUT = ("output: values, each times its weight", "output: weighted values", "output")
"""What the mix is, in fewer and fewer words."""


def attention_card(moment: Moment, box: Box) -> Iterator[Shape]:
    """The stage of the moment, or that there is no decode step yet."""
    yield Rect("attend", box, "card", "edge", 1.5, radius=16)
    found = reading(moment)
    if found is None:
        x, y = box.centre
        yield Text("attend/none", x, y, "no decode step yet", SIZE_BODY, "muted",
                   moment.faces.text, Anchor.MIDDLE)  # fmt: skip
        return
    at = _Drawn(moment, found, places(moment, found, box.inset(24, 14)),
                stages_of(moment, found)[moment.stage])  # fmt: skip
    yield from at.head()
    yield from at.columns()
    yield from at.arrows()
    yield from at.table()
    yield from at.words()
    yield from pool(moment, found, at.places, at.stage)
    yield from at.mix()
    yield from at.bars()
    yield from at.values()
    yield from at.query()
    yield from foot(moment, found, at.places.foot, at.places.label)


def attention_words(moment: Moment) -> Iterator[str]:
    """The step in words, for those who cannot see it."""
    found = reading(moment)
    yield from in_words(moment, found) if found else ("No decode step yet.",)


class _Drawn:
    """One stage of one step, in its places."""

    def __init__(self, moment: Moment, found: DecodeStep, places: Places, stage: Stage) -> None:
        self.moment, self.found, self.places, self.stage = moment, found, places, stage
        self.name, self.faces = found.holder.id, moment.faces
        self.tags = moment.tags(found.lane.lane, self.name)
        self._here, self._asked = here(found, stage), asked(found, stage)
        self._answer = shown_word(found.answer) if found.answer else ""
        self._most = max(found.weights, key=lambda place: found.weights[place])

    def ink(self, kind: str) -> str:
        return self.moment.ink(self.name, kind)

    def word(self, position: int) -> str:
        return self.moment.word(self.found.holder, position)

    def head(self) -> Iterator[Shape]:
        """Whose step it is, and what happens in this stage."""
        box = self.places.head
        middle, measures = box.centre[1], self.faces.measures("text")
        yield from chip(self.moment, "attend/chip", self.name, box.x, middle, self.tags)
        x = box.x + max(CHIP, chip_width(self.moment, self.name)) + 14
        told, bold = status(self.moment, self.found, self.stage), self.faces.measures("bold")
        sizes = (SIZE_BODY, SIZE_LABEL, 26, 24)
        size = next((s for s in sizes if bold.width(told, s) <= box.right - x), sizes[-1])
        yield Text("attend/status", x, baseline(middle, size), told, size, "text",
                   self.faces.bold, tags=self.tags)  # fmt: skip
        room = box.right - x - bold.width(told, size) - 40
        step = self._step()
        while step and measures.width(" · ".join(step), self.places.label) > room:
            step = step[:-1]
        if step:
            told, size = " · ".join(step), self.places.label
            yield Text("attend/step", box.right, baseline(middle, size), told, size, "muted",
                       self.faces.text, Anchor.END)  # fmt: skip

    def _step(self) -> list[str]:
        """Which engine step it is, in which lane if there are several, and what the lane models."""
        lanes = self.moment.storyboard.lanes
        lane = next(spec for spec in lanes if spec.name == self.found.lane.lane)
        title = [visible(lane.title)] if len(lanes) > 1 else []
        return [f"decode step {self.found.number}", *title, kind_of(lane).system]

    def columns(self) -> Iterator[Shape]:
        """What stands below."""
        spots, y = self.places, self.places.columns.bottom - 12
        first = spots.lines[0]
        bar = spots.bar_box(0)
        measure = "weight" if self.stage.is_weighed else "score"
        table = next(iter(spots.rows.values()))
        heads = (
            ("token", "token", first.x + 2, Anchor.START),
            (f"bar/{measure}", measure, bar.x, Anchor.START),
            (
                "table",
                "block table" if spots.table > 120 else "table",
                table.centre[0],
                Anchor.MIDDLE,
            ),
        )
        for key, told, x, anchor in heads:
            yield Text(f"attend/head/{key}", x, y, told, spots.label, "muted", self.faces.text,
                       anchor)  # fmt: skip
        x = spots.grid.x
        wide = self.faces.measures("text").width("keyvalue", spots.label)
        mark = min(34, (spots.mix.right - x - wide - 52) / 2)
        for part, told, kind in (("K", "key", "solid"), ("V", "value", "line")):
            yield Rect(f"attend/legend/{part}", Box(x, y - 13, mark, 10), self.ink(kind), radius=3)
            yield Text(
                f"attend/head/{part}",
                x + mark + 10,
                y,
                told,
                self.places.label,
                "muted",
                self.faces.text,
            )
            x += mark + 10 + self.faces.measures("text").width(told, spots.label) + 32

    def arrows(self) -> Iterator[Shape]:
        """From each row of the table to its block, bright where the query is."""
        grid = self.places.grid
        for row in self.found.rows:
            if row.block is None or row.index not in self.places.rows:
                continue
            line, block = self.places.rows[row.index], self.places.slot(row.block, 0)
            is_here = row in self._here
            if block.x != grid.x and not is_here:
                continue
            start = (line.right + 3, line.centre[1])
            end = (block.x - grid.gutter + 2, block.centre[1])
            bend = (end[0] - start[0]) * 0.55
            points = (start, (start[0] + bend, start[1]), (end[0] - bend, end[1]), end)
            ink = self.ink("line") if is_here else "edge"
            yield Path(f"lane/{self.found.lane.lane}/table/{self.name}/{row.index}/arrow", points,
                       ink, 5 if is_here else 2, 14 if is_here else 9, smooth=True, tags=self.tags,
                       note=f"row {row.index} of the table names block {row.block}")  # fmt: skip

    def table(self) -> Iterator[Shape]:
        """The block table: each row as high as the lines of its tokens."""
        key = f"lane/{self.found.lane.lane}/table/{self.name}"
        for row in self.found.rows:
            line = self.places.rows.get(row.index)
            if line is None:
                continue
            is_here = row in self._here
            is_read = any(place in self.found.weights for place in row.positions)
            fill: Ink = self.ink("solid" if is_here else "pale") if is_read else "slot"
            ink = (self.ink("on") if is_here else "text") if is_read else "muted"
            told = "–" if row.block is None else str(row.block)
            size = SIZE_TITLE if line.h >= 60 else self.places.label
            yield Rect(f"{key}/{row.index}", line, fill, radius=8, tags=self.tags,
                       note=f"row {row.index} of the block table: block {told}")  # fmt: skip
            yield Text(f"{key}/{row.index}/id/{told}", line.centre[0],
                       baseline(line.centre[1], size), told, size, ink, self.faces.mono,
                       Anchor.MIDDLE, line, tags=self.tags)  # fmt: skip

    def words(self) -> Iterator[Shape]:
        """The tokens in their order; outlined once asked, bright the one that asks."""
        spots, found = self.places, self.found
        measures = self.faces.measures("text")
        for position in shown(found.position):
            box, key = spots.word_box(position), f"prompt/{self.name}/{position}"
            fill, ink, stroke = self._word_look(position)
            line = 2 if stroke != CLEAR else 0
            yield Rect(key, box, fill, stroke, line, 8, tags=self.tags,
                       note=f"token {position} of {self.name}")  # fmt: skip
            told = shorten(self.word(position), box.w - 12, spots.size, measures)
            middle = box.centre[1]
            if position == found.position and not self.stage.is_written:
                middle = above_strips(box)
            yield Text(f"{key}/word", box.x + 12, baseline(middle, spots.size), told,
                       spots.size, ink, self.faces.text, room=box, tags=self.tags)  # fmt: skip
        if spots.gap:
            hidden = found.position + 1 - len(shown(found.position))
            yield Text("attend/gap", spots.gap.x + 12, baseline(spots.gap.centre[1], spots.size),
                       f"+{hidden} tokens", spots.size, "muted", self.faces.text)  # fmt: skip

    def _word_look(self, position: int) -> tuple[Ink, Ink, Ink]:
        """Fill, colour of the word, and outline."""
        if position == self.found.position:
            return self.ink("solid"), self.ink("on"), CLEAR
        if position not in self.found.weights:
            return CLEAR, "muted", "edge"
        is_most = self.stage.is_weighed and position == self._most
        stroke = self.ink("line") if is_most or position in self._asked else CLEAR
        return self.ink("pale"), "text", stroke

    def bars(self) -> Iterator[Shape]:
        """Keys that lie in their slots, then the scores they gave, then the weights."""
        found, spots = self.found, self.places
        if found.scores is not None and not self.stage.is_weighed:
            yield from self._zero()
        for position in found.reads:
            if position not in spots.lines:
                continue
            key, box = f"attend/key/{position}", self._rest("K", position)
            fill = self._strip_ink("K", position)
            if position in self._asked:
                box, fill = self._bar(position), self._bar_ink(position)
                yield from self._number(position, box)
            yield Rect(key, box, fill, radius=min(6, box.h / 3, box.w / 2), tags=self.tags,
                       note=self._note(position))  # fmt: skip

    def _strip_ink(self, part: str, position: int) -> Ink:
        """As the pool shows it: on a lit token in the colour of its word."""
        is_asked = self.stage.at is not None and any(position in r.reads for r in self._here)
        is_lit = position == self.found.position or is_asked
        return self.ink("on" if is_lit else {"K": "solid", "V": "line"}[part])

    def _bar_ink(self, position: int) -> Ink:
        """A score below 0 is pale: it stands on the other side of the line."""
        scores = self.found.scores
        is_below = scores and scores[self.found.reads.index(position)] < 0
        return self.ink("pale" if is_below and not self.stage.is_weighed else "solid")

    def _note(self, position: int) -> str:
        if not self.stage.is_weighed or self.found.scores is None:
            return f"key of token {position} of {self.name}"
        return f"weight of token {position}: {self.found.weights[position]:.1%}"

    def _number(self, position: int, bar: Box) -> Iterator[Shape]:
        """The score or weight as a number, where a record knows it."""
        scores, spots = self.found.scores, self.places
        if scores is None or not (spots.has_scores or self.stage.is_weighed):
            return
        score = scores[self.found.reads.index(position)]
        told = f"{score:.1f}"
        if self.stage.is_weighed:
            told = percent(self.found.weights[position])
        area = spots.bar_box(position)
        x, anchor = bar.right + 10, Anchor.START
        if not self.stage.is_weighed:
            x, anchor = area.right, Anchor.END
        yield Text(f"attend/number/{position}", x, baseline(area.centre[1], spots.size),
                   told, spots.size, "text", self.faces.mono, anchor, tags=self.tags)  # fmt: skip

    def _bar(self, position: int) -> Box:
        """The bar of a score, from the line of 0, or of a weight."""
        found, spots = self.found, self.places
        area = spots.bar_box(position).inset(0, 5)
        room = self._room()
        if found.scores is None:
            return Box(area.x, area.y, room / 2, area.h)
        if self.stage.is_weighed:
            share = found.weights[position] / found.weights[self._most]
            return Box(area.x, area.y, max(room * share, 3), area.h)
        zero, scale = self._scale()
        end = zero + found.scores[found.reads.index(position)] * scale
        left, right = sorted((zero, end))
        return Box(left, area.y, max(right - left, 3), area.h)

    def _room(self) -> float:
        """The longest bar, beside its number."""
        spots = self.places
        if not (spots.has_scores or self.stage.is_weighed):
            return spots.bar_box(0).w
        return spots.bar_box(0).w - self.faces.measures("mono").width("−00.0", spots.size) - 14

    def _scale(self) -> tuple[float, float]:
        """Where a score of 0 stands, and pixels for each 1."""
        assert self.found.scores is not None, "only scores have a scale"
        lowest, highest = min(0.0, *self.found.scores), max(0.0, *self.found.scores)
        scale = self._room() / ((highest - lowest) or 1)
        return self.places.bar_box(0).x - lowest * scale, scale

    def _zero(self) -> Iterator[Shape]:
        """The line that scores stand on."""
        x, spots = self._scale()[0], self.places
        ends = ((x, spots.lines[0].y), (x, spots.lines[self.found.position].bottom))
        yield Path("attend/zero", ends, "edge", 1.5, note="a score of 0")

    def _rest(self, part: str, position: int) -> Box:
        """Where a key or value lies that nobody has asked: in its slot, or at its own token."""
        found, spots = self.found, self.places
        if position == found.position and not self.stage.is_written:
            return strip(part, spots.word_box(position))
        row = found.rows[position // found.size]
        assert row.block is not None, "what is read is in memory"
        return strip(part, spots.slot(row.block, position % found.size))

    def values(self) -> Iterator[Shape]:
        """Values that lie in their slots, then side by side, each as wide as its weight."""
        found, spots = self.found, self.places
        whole, x = self._mix_box().inset(4), self._mix_box().x + 4
        for position in found.reads:
            width = whole.w * found.weights[position]
            box, fill = self._rest("V", position), self._strip_ink("V", position)
            if self.stage.is_mixed:
                box, fill = Box(x, whole.y, max(width - 3, 0.5), whole.h), self.ink("solid")
            x += width
            is_shown = position in spots.lines
            if is_shown or self.stage.is_mixed:
                radius = min(6, box.h / 3, box.w / 2)
                yield Rect(f"attend/value/{position}", box, fill, radius=radius, tags=self.tags,
                           note=f"value of token {position} of {self.name}")  # fmt: skip
            if self.stage.is_mixed:
                yield from self._part(position, box)

    def _part(self, position: int, box: Box) -> Iterator[Shape]:
        """The word in its part of the mix, where there is room for all of it."""
        told = self.word(position)
        if self.faces.measures("text").width(told, SIZE_BODY) < box.w - 16:
            yield Text(f"attend/part/{position}", box.centre[0], baseline(box.centre[1], SIZE_BODY),
                       told, SIZE_BODY, self.ink("on"), self.faces.text, Anchor.MIDDLE, box,
                       tags=self.tags)  # fmt: skip

    def _answer_width(self) -> float:
        return self.faces.measures("bold").width(self._answer, SIZE_BODY) + 48

    def _mix_box(self) -> Box:
        box = self.places.mix
        return Box(box.x, box.y, box.w - max(self._answer_width(), 150) - 72, box.h)

    def mix(self) -> Iterator[Shape]:
        """The sum that the values make, and the next token that comes of it."""
        box, whole = self._mix_box(), self.places.mix
        yield Rect("attend/mix", box, "slot", "edge", 1.5, radius=10, note="the layer's output")
        y = box.y - 11
        measures, label = self.faces.measures("text"), self.places.label
        room = box.w + 48
        named = next((way for way in OUTPUT if measures.width(way, label) <= room), OUTPUT[-1])
        yield Text("attend/mix/name", box.x + 2, y, named, label, "muted", self.faces.text)
        answer = Box(box.right + 72, box.y, whole.right - box.right - 72, box.h)
        yield Text("attend/answer/name", answer.x + 2, y, "next token", self.places.label, "muted",
                   self.faces.text)  # fmt: skip
        yield Rect("attend/answer/place", answer, CLEAR, "edge", 1.5, radius=10)
        if not (self.stage.is_answered and self._answer):
            return
        middle = box.centre[1]
        yield Path("attend/answer/arrow", ((box.right + 10, middle), (answer.x - 8, middle)),
                   self.ink("line"), 4, 14, tags=self.tags)  # fmt: skip
        place = self.found.position + 1
        yield Rect(f"prompt/{self.name}/{place}", answer, CLEAR, self.ink("edge"), 4, 10,
                   tags=self.tags, note=f"token {place} of {self.name}")  # fmt: skip
        yield Text(f"prompt/{self.name}/{place}/word", answer.centre[0],
                   baseline(middle, SIZE_BODY), self._answer, SIZE_BODY, "text",
                   self.faces.bold, Anchor.MIDDLE, answer, tags=self.tags)  # fmt: skip

    def query(self) -> Iterator[Shape]:
        """At its own token, then beside the row that it has come to."""
        if self.stage.is_weighed:
            return
        spots = self.places
        told = "query" if spots.gutter > 60 else "q"
        height = min(40, spots.lines[self.found.position].h)
        width = self.faces.measures("bold").width(told, self.places.label) + 22
        if self._here:
            rows = [spots.rows[row.index] for row in self._here if row.index in spots.rows]
            line = rows[0] if rows else spots.gap
            assert line is not None, "what has no row of its own is in the gap"
            x, y = spots.lines[0].right + (spots.gutter - width) / 2, line.centre[1] - height / 2
        else:
            own = spots.bar_box(self.found.position)
            x, y = own.x, own.centre[1] - height / 2
        box = Box(x, y, width, height)
        yield Rect("attend/query", box, "text", CLEAR, radius=height / 2, tags=self.tags,
                   note=f"the query of token {self.found.position} of {self.name}")  # fmt: skip
        yield Text("attend/query/word", box.centre[0], baseline(box.centre[1], spots.label), told,
                   spots.label, "background", self.faces.bold, Anchor.MIDDLE, box)  # fmt: skip
