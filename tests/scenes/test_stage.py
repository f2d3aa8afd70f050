"""Pixels: clips join without a seam, have the frames they promise, and never depend on history."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import av
import numpy as np
import pytest

from pagereel.model.play import play
from pagereel.read import read
from pagereel.render.workers import ClipJob, StillJob, processes, render_clip, render_still
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.clips import clips
from pagereel.scenes.drawing.stage import draw_picture, play_clip
from pagereel.scenes.shapes.motion import derive, split_layers
from pagereel.scenes.shapes.picture import Box, Formula, Rgba, Text
from pagereel.scenes.style import THEMES
from pagereel.storage.cache import clip_key

from places import ROOT

pytestmark = pytest.mark.pixels
FOX = ROOT / "storyboards" / "01-the-quick-brown-fox.yaml"
HEIGHT = 180


class Frames:
    """A sink that keeps the first and the last image, and counts."""

    def __init__(self):
        self.first = self.last = None
        self.count = 0

    def show(self, pixels, count):
        self.first = pixels.copy() if self.first is None else self.first
        self.last = pixels.copy()
        self.count += count


def clips_of(path, rate=4):
    return clips(play(read(path)), CANVASES["16:9"], THEMES["dark"], rate)


@pytest.fixture(scope="module")
def fox():
    return clips_of(FOX)


@pytest.fixture(scope="module")
def played(fox):
    """Every clip of the first storyboard, drawn."""
    sinks = [Frames() for _ in fox]
    for clip, sink in zip(fox, sinks, strict=True):
        play_clip(clip, HEIGHT, sink)
    return sinks


def test_a_clip_starts_with_the_very_frame_that_the_one_before_ends_with(played):
    for number, (before, after) in enumerate(pairwise(played), 1):
        assert np.array_equal(before.last, after.first), f"a seam after beat {number}"


def test_a_clip_has_exactly_the_frames_it_promises(fox, played):
    assert [sink.count for sink in played] == [clip.frames for clip in fox]


@pytest.mark.parametrize("rate", [7, 15, 60])
def test_a_clip_has_the_frames_it_promises_at_any_rate(rate):
    clip = clips_of(FOX, rate)[2]
    sink = Frames()
    play_clip(clip, 90, sink)
    assert sink.count == clip.frames


def test_a_clip_ends_with_the_picture_a_slide_shows(fox, played):
    for clip, sink in zip(fox[:4], played, strict=False):
        assert np.array_equal(sink.last, draw_picture(clip.end, HEIGHT))


def test_a_frame_has_the_size_asked_for_and_an_even_width(fox):
    assert draw_picture(fox[0].end, HEIGHT).shape == (HEIGHT, 320, 4)
    assert draw_picture(fox[0].end, 101).shape[1] % 2 == 0


def test_a_still_layer_and_what_moves_over_it_are_the_whole_picture(fox):
    clip = fox[6]
    before, after = clip.opening, clip.legs[0].picture
    motion = derive(before, after)
    below, moving = split_layers(motion)
    assert below, "nothing is still here"
    for time in (0.2, 0.5, 0.8):
        layered = (*(track.after for track in below), *moving.at(time))
        in_order = replace(after, shapes=tuple(motion.at(time)))
        whole = draw_picture(in_order, 1080).astype(int)
        assert np.abs(draw_picture(replace(after, shapes=layered), 1080) - whole).max() <= 1


def test_what_was_drawn_before_does_not_matter(fox, tmp_path, environment):
    code = (
        "import sys; from pathlib import Path\n"
        "from pagereel.model.play import play; from pagereel.read import read\n"
        "from pagereel.render.workers import StillJob, render_still\n"
        "from pagereel.scenes.clips import clips\n"
        "from pagereel.scenes.canvas import CANVASES\n"
        "from pagereel.scenes.style import THEMES\n"
        "drawn = clips(play(read(sys.argv[1])), CANVASES['16:9'], THEMES['dark'], 4)\n"
        "render_still(StillJob('alone.png', drawn[5].end, 180, Path(sys.argv[2])))\n"
    )
    words = [sys.executable, "-c", code, str(FOX), str(tmp_path)]
    subprocess.run(words, env=environment, check=True)
    for other in (fox[9], fox[0]):
        draw_picture(other.end, 97)
    for name in ("after-others.png", "again.png"):
        render_still(StillJob(name, fox[5].end, HEIGHT, tmp_path))
    assert len({path.read_bytes() for path in tmp_path.glob("*.png")}) == 1
    assert len(list(tmp_path.glob("*.png"))) == 3


def decoded(path):
    with av.open(str(path)) as video:
        luma = [frame.to_ndarray(format="gray") for frame in video.decode(video=0)]
    return np.array(luma, dtype=np.int16)


@pytest.mark.parametrize("jobs", [1, 2])
def test_clips_show_the_same_frames_however_many_processes_draw_them(jobs, fox, tmp_path):
    """What is drawn is equal to the byte (see the stills); x264 now and then codes it otherwise."""
    short = [replace(clip, legs=clip.legs[:1]) for clip in fox[2:4]]
    with processes(jobs) as pool:
        made = [pool.submit(render_clip, ClipJob(f"{i}.mp4", clip, 480, tmp_path))
                for i, clip in enumerate(short)]  # fmt: skip
        assert [future.result() for future in made] == ["0.mp4", "1.mp4"]
    here = tmp_path / "here"
    here.mkdir()
    for i, clip in enumerate(short):
        render_clip(ClipJob(f"{i}.mp4", clip, 480, here))
        one, other = decoded(here / f"{i}.mp4"), decoded(tmp_path / f"{i}.mp4")
        assert one.shape == other.shape == (clip.frames, *one.shape[1:])
        assert np.abs(one - other).mean(axis=(1, 2)).max() < 0.5


def test_a_formula_is_drawn_inside_its_box_and_nowhere_else(fox):
    box = Box(400, 400, 900, 60)
    formula = Formula("f", box, '2 dot 12 "layers" = 36 thin 864 "bytes"', Rgba(1, 1, 1, 1))
    picture = replace(fox[0].end, shapes=(formula,))
    lit = np.argwhere(draw_picture(picture, 1080)[..., :3].min(axis=2) > 128)
    (top, left), (bottom, right) = lit.min(axis=0), lit.max(axis=0)
    assert len(lit) > 500
    assert 400 - 1 <= top < bottom <= 460 + 1
    assert 400 - 1 <= left < right <= 1300 + 1


def test_a_character_that_no_font_has_is_drawn_as_a_box(fox):
    text = Text("t", 400, 400, "漢", 56, Rgba(1, 1, 1, 1))
    drawn = draw_picture(replace(fox[0].end, shapes=(text,)), 540)
    assert (drawn[..., :3] > 128).any()


def test_equal_clips_have_equal_keys_and_any_difference_another():
    first, again = clips_of(FOX)[3], clips_of(FOX)[3]
    assert clip_key(first, 480) == clip_key(again, 480)
    others = [
        clip_key(first, 1080),
        clip_key(replace(first, rate=8), 480),
        clip_key(replace(first, opening=first.end), 480),
        clip_key(replace(first, legs=(replace(first.legs[0], rest=9), *first.legs[1:])), 480),
        clip_key(clips(play(read(FOX)), CANVASES["16:9"], THEMES["light"], 4)[3], 480),
    ]
    assert len({clip_key(first, 480), *others}) == 6


class AllFrames:
    """A sink that keeps every image."""

    def __init__(self):
        self.images = []

    def show(self, pixels, count):
        self.images += [pixels.copy()] * count


def test_every_frame_of_a_motion_shows_all_its_shapes_in_their_order(fox):
    """Shapes enter while others move: none may sink under what it is drawn over."""
    clip = next(clip for clip in fox if len(clip.legs) > 2)
    sink = AllFrames()
    play_clip(clip, HEIGHT, sink)
    before, at = clip.opening, 1
    for leg in clip.legs:
        motion = derive(before, leg.picture)
        for frame in range(leg.motion):
            shapes = motion.at((frame + 1) / (leg.motion + 1))
            alone = draw_picture(replace(leg.picture, shapes=tuple(shapes)), HEIGHT)
            assert np.abs(sink.images[at + frame].astype(int) - alone).max() <= 2
        at += leg.motion + leg.rest
        before = leg.picture


def test_drawing_leaves_nothing_behind_in_the_temporary_folder_or_where_one_is(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "temporary").mkdir()
    code = (
        "import os\n"
        "from pagereel.scenes.drawing.formulas import typeset\n"
        "from pagereel.scenes.drawing.stage import draw_picture\n"
        "from pagereel.scenes.shapes.picture import Box, Formula, Picture, Rgba\n"
        "formula = Formula('f', Box(0, 0, 90, 30), 'x = \"words\"', Rgba(1, 1, 1, 1))\n"
        "picture = Picture(160, 90, Rgba(0, 0, 0, 1), (formula,))\n"
        "assert draw_picture(picture, 90)[..., 0].max() > 200\n"
        "os._exit(0)"  # as workers do
    )
    env = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "temporary")}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "here", env=env, check=True)
    assert [path.name for path in tmp_path.rglob("*")] == ["here", "temporary"]
