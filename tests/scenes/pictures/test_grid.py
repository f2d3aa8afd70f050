"""Cells hold words as large as labels wherever a memory leaves them the room, and never larger than
their cells."""

import pytest

from pagereel.scenes.pictures.lanes.grid import lay_out
from pagereel.scenes.shapes.picture import Box
from pagereel.scenes.style import SIZE_LABEL


@pytest.mark.parametrize(
    ("room", "slots", "group"),
    [
        (Box(0, 0, 462, 516), 48, 4),  # beside another lane and its numbers, in a wide frame
        (Box(0, 0, 640, 572), 64, 4),  # alone, under the words of three requests
        (Box(0, 0, 460, 572), 48, 16),
        (Box(0, 0, 660, 600), 48, 2),
        (Box(0, 0, 600, 450), 48, 4),  # in a square
    ],
)
def test_words_are_as_large_as_labels(room, slots, group):
    grid = lay_out(room, slots, group, 60, 3.7)
    assert grid.word_size >= SIZE_LABEL
    assert grid.id_size >= SIZE_LABEL


def test_blocks_stand_side_by_side_only_where_words_are_larger_so():
    assert lay_out(Box(0, 0, 600, 600), 48, 4, 60, 3).across == 1
    assert lay_out(Box(0, 0, 900, 300), 48, 4, 60, 3).across == 2


@pytest.mark.parametrize("slots", [8, 24, 48, 96, 200, 1000])
@pytest.mark.parametrize("group", [1, 2, 4, 16])
def test_words_stay_inside_their_cells_and_cells_inside_their_box(slots, group):
    room = Box(10, 20, 700, 500)
    grid = lay_out(room, slots, group, 60, 3)
    assert grid.word_size * 3 <= grid.cell_w
    assert grid.word_size <= grid.cell_h
    assert all(room.contains(grid.slot(index)) for index in range(slots))
