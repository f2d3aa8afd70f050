"""Block tables: whose arrows they are can be seen, and what there is no room for is counted."""

from itertools import combinations, pairwise

import pytest

from pagereel.model.play import play
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.picture import Path, Rect, Text

BOARD = """\
title: Tables
model: gpt2
parameters: {slots: SLOTS, block_size: SIZE, max_len: 32}
lanes:
  paged: {kind: paged/vllm, title: Paged, free_order: ORDER}
requests:
  A: {prompt: One two three four five six seven eight nine, output: 12}
  B: {prompt: One two three four and more, output: 12}
  C: {prompt: Nothing in common with them at all, output: 12}
  D: {prompt: One two three four five six seven eight again, output: 12}
beats:
  - title: They run
    do: [admit: A, admit: B, admit: C, admit: D, step: STEPS]
    say: They run.
"""


@pytest.fixture
def drawn(write):
    """The last picture of four requests in so many slots, its shapes by key, and its tables."""

    def draw(slots, size, steps):
        text, blocks = BOARD.replace("SLOTS", str(slots)).replace("SIZE", str(size)), slots // size
        order = [1 + 7 * i % (blocks - 1) for i in range(blocks - 1)]
        text = text.replace("STEPS", str(steps)).replace("ORDER", str(order))
        timeline = play(read(write("t.yaml", text)))
        picture = compose_beat(timeline, 0, CANVASES["16:9"])[-1]
        assert lint(picture) == ()
        memory = timeline.beats[0].steps[-1].lane("paged").state.memory
        return {shape.key: shape for shape in picture.shapes}, memory.tables

    return draw


def segments(arrow):
    """Its straight pieces, as (whether it is upright, where it lies, from, to)."""
    for (x0, y0), (x1, y1) in pairwise(arrow.points):
        if (x0, y0) != (x1, y1):
            upright = x0 == x1
            yield upright, *((x0, y0, y1) if upright else (y0, x0, x1))


def on_one_another(first, second):
    (upright, at, *ends), (other, there, *others) = first, second
    return (
        upright == other
        and abs(at - there) < 2
        and min(max(ends), max(others)) - max(min(ends), min(others)) > 1
    )


@pytest.mark.parametrize(("slots", "size"), [(72, 4), (96, 2)])
def test_no_arrow_lies_on_one_of_another_table(drawn, slots, size):
    shapes, _ = drawn(slots, size, 2)
    arrows = {}
    for key, shape in shapes.items():
        if key.endswith("/arrow") and isinstance(shape, Path):
            arrows.setdefault(key.split("/")[3], []).extend(segments(shape))
    assert len(arrows) == 4
    for one, other in combinations(arrows.values(), 2):
        assert not [pair for pair in ((a, b) for a in one for b in other) if on_one_another(*pair)]


def test_arrows_to_a_shared_block_end_each_at_its_owner_s_stripe(drawn):
    shapes, _ = drawn(72, 4, 1)
    for name in "ABD":
        arrow = shapes[f"lane/paged/table/{name}/0/arrow"]
        stripe = shapes[f"lane/paged/block/1/owner/{name}"].box
        assert stripe.y <= arrow.points[-1][1] <= stripe.bottom


def test_rows_that_have_no_room_are_counted_in_the_place_of_the_first(drawn):
    shapes, tables = drawn(192, 2, 10)
    for table in tables:
        key, rows = f"lane/paged/table/{table.request}", len(table.blocks)
        shown = [i for i in range(rows) if isinstance(shapes.get(f"{key}/{i}"), Rect)]
        assert 0 < len(shown) < rows
        assert shown == list(range(rows - len(shown), rows))
        assert isinstance(shapes[f"{key}/folded"], Text)
        assert shapes[f"{key}/folded"].text == f"+{rows - len(shown)}"


def test_words_are_cut_where_the_blocks_of_the_table_are(drawn):
    shapes, tables = drawn(72, 4, 4)
    for table in tables[-3:]:  # above, there is room for so many rows
        key = f"prompt/{table.request}"
        for block in range(len(table.blocks) + 1):
            frame = shapes.get(f"{key}/group/{block}")
            assert (frame is None) == (block == len(table.blocks))
            words = [shapes.get(f"{key}/{4 * block + i}") for i in range(4)]
            inside = [word for word in words if word and frame and frame.box.contains(word.box)]
            assert inside == [word for word in words if word and frame]
            if frame:
                assert shapes[f"{key}/group/{block}/number"].text == str(block)
