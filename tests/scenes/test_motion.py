"""Motion is derived from two pictures: it starts as the one, ends as the other, and keeps keys."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagereel.model.play import play
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.clips import clips
from pagereel.scenes.shapes.extents import around, extent
from pagereel.scenes.shapes.motion import derive, ease, split_layers
from pagereel.scenes.shapes.picture import Box, Formula, Path, Pattern, Picture, Rect, Rgba, Text
from pagereel.scenes.style import THEMES

from places import TESTS

RED, BLUE, CLEAR = Rgba(1, 0, 0, 1), Rgba(0, 0, 1, 1), Rgba(0, 0, 0, 0)
TIMES = [i / 20 for i in range(21)]


def rect(key="cell", x=0.0, **other):
    return Rect(key, Box(x, 0, 40, 20), RED, CLEAR, pattern_ink=CLEAR, **other)


def word(key="word", x=0.0, text="fox", **other):
    return Text(key, x, 20, text, 22, BLUE, **other)


def picture(*shapes, origins=()):
    return Picture(400, 200, Rgba(1, 1, 1, 1), shapes, origins)


def seen(shapes):
    return [shape for shape in shapes if shape.opacity > 0]


def boards():
    here = TESTS
    return [*sorted((here.parent / "storyboards").glob("*.yaml")), *here.glob("valid/*.yaml")]


def motions(path):
    """Every motion of a storyboard, with the picture before and after."""
    canvas = next(iter(CANVASES.values()))
    for clip in clips(play(read(path)), canvas, THEMES["dark"], 15):
        pictures = [clip.opening, *(leg.picture for leg in clip.legs)]
        for before, after in pairwise(pictures):
            yield before, after, derive(before, after)


@pytest.mark.parametrize("path", boards(), ids=lambda path: path.stem)
def test_a_motion_starts_as_the_picture_before_and_ends_as_the_one_after(path):
    for before, after, motion in motions(path):
        assert seen(motion.at(1)) == seen(after.shapes)
        flying = {shape.key for shape in after.shapes} - {shape.key for shape in before.shapes}
        start = {shape.key: shape for shape in seen(motion.at(0)) if shape.key not in flying}
        away = {dict(after.origins).get(key) for key in flying}  # what leaves by flying elsewhere
        away -= {shape.key for shape in after.shapes}
        assert start == {shape.key: shape for shape in seen(before.shapes) if shape.key not in away}


@pytest.mark.parametrize("path", boards(), ids=lambda path: path.stem)
def test_a_flight_starts_exactly_where_its_origin_stands(path):
    for before, after, motion in motions(path):
        places = {shape.key: shape for shape in (*before.shapes, *after.shapes)}
        starts = {shape.key: shape for shape in motion.at(0)}
        for key in set(starts) - {shape.key for shape in before.shapes}:
            origin = places[dict(after.origins)[key]]
            assert extent(starts[key]).centre == pytest.approx(extent(origin).centre, abs=1)


@pytest.mark.parametrize("path", boards(), ids=lambda path: path.stem)
def test_what_is_the_same_in_both_pictures_never_moves(path):
    for before, after, motion in motions(path):
        same = set(before.shapes) & set(after.shapes)
        for time in (0, 0.3, 0.5, 0.8, 1):
            assert same <= set(motion.at(time))


@pytest.mark.parametrize("path", boards(), ids=lambda path: path.stem)
def test_a_still_layer_hides_nothing_and_is_hidden_by_nothing_it_should_not_be(path):
    for _, _, motion in motions(path):
        below, moving = split_layers(motion)
        assert len(below) + len(moving.tracks) == len(motion.tracks)
        order = {id(track): i for i, track in enumerate(motion.tracks)}
        boxes = {id(track): _swept(track) for track in motion.tracks}
        for late in moving.tracks:
            for still in below:
                if order[id(still)] > order[id(late)]:
                    assert not boxes[id(still)].overlaps(boxes[id(late)])


def _swept(track):
    return around([extent(shape) for shape in (track.before, track.after) if shape is not None])


def test_a_shape_of_the_same_key_moves():
    motion = derive(picture(rect(x=0)), picture(rect(x=100)))
    (shape,) = motion.at(0.5)
    assert shape.box.x == pytest.approx(50)
    assert motion.still == (False,)


def test_a_shape_of_the_same_key_recolours():
    motion = derive(picture(rect()), picture(rect()._replace(fill=BLUE)))
    (shape,) = motion.at(0.5)
    assert shape.fill == pytest.approx(Rgba(0.5, 0, 0.5, 1))


def test_a_clear_colour_fades_in_without_passing_through_black():
    motion = derive(picture(rect()), picture(rect()._replace(stroke=BLUE)))
    (shape,) = motion.at(0.5)
    assert shape.stroke[:3] == BLUE[:3]
    assert 0 < shape.stroke.a < 1


def test_what_is_lost_leaves_before_what_is_new_enters():
    motion = derive(picture(rect("old")), picture(rect("new")))
    assert [shape.key for shape in seen(motion.at(0.2))] == ["old"]
    assert [shape.key for shape in seen(motion.at(0.9))] == ["new"]
    assert all(len(seen(motion.at(time))) <= 1 for time in TIMES)


def test_what_leaves_is_drawn_beneath_what_stays():
    motion = derive(picture(rect("stays"), rect("leaves")), picture(rect("stays")))
    assert [shape.key for shape in motion.at(0.1)] == ["leaves", "stays"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (word(text="fox"), word(text="dog")),
        (word(), word()._replace(size=28)),
        (rect("a", pattern=Pattern.HATCH), rect("a", pattern=Pattern.DOTS)),
        (Path("p", ((0, 0), (9, 9)), RED), Path("p", ((0, 0), (5, 5), (9, 9)), RED)),
        (Formula("f", Box(0, 0, 9, 9), "a", RED), Formula("f", Box(0, 0, 9, 9), "b", RED)),
        (word("same"), rect("same")),
    ],
    ids=["words", "size", "pattern", "points", "formula", "kind"],
)
def test_what_cannot_turn_into_the_other_fades_out_and_then_in(before, after):
    motion = derive(picture(before), picture(after))
    assert seen(motion.at(0)) == [before]
    assert seen(motion.at(1)) == [after]
    assert all(len(seen(motion.at(time))) <= 1 for time in TIMES)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Path("p", ((0, 0), (9, 9)), RED), Path("p", ((0, 20), (9, 9)), BLUE)),
        (Formula("f", Box(0, 0, 9, 9), "a", RED), Formula("f", Box(20, 0, 9, 9), "a", RED)),
        (word(x=0), word(x=50)),
    ],
    ids=["path", "formula", "words"],
)
def test_the_same_words_lines_and_formulas_move_without_fading(before, after):
    motion = derive(picture(before), picture(after))
    assert all(len(motion.at(time)) == 1 for time in TIMES)
    assert all(motion.at(time)[0].opacity == 1 for time in TIMES)


def test_words_fly_one_after_the_other():
    origins = (("slot/0", "prompt/0"), ("slot/1", "prompt/1"))
    row = [word(f"prompt/{i}", x=100 * i) for i in range(2)]
    after = picture(*row, *(word(f"slot/{i}", x=100 * i + 50) for i in range(2)), origins=origins)
    motion = derive(picture(*row), after)
    middle = {shape.key: shape.x for shape in motion.at(0.55)}
    assert middle["slot/0"] - 0 > middle["slot/1"] - 100 > 0


def test_a_word_whose_origin_is_not_on_screen_just_enters():
    after = picture(word("slot"), origins=(("slot", "nowhere"),))
    motion = derive(picture(), after)
    assert seen(motion.at(0.2)) == []
    assert seen(motion.at(1)) == [word("slot")]


@given(st.floats(0, 1), st.floats(0, 1))
def test_easing_runs_from_zero_to_one_and_never_back(first, second):
    low, high = sorted((first, second))
    assert 0 <= ease(low) <= ease(high) + 1e-9 <= 1 + 1e-6
    assert (ease(0), ease(1)) == (0, 1)
