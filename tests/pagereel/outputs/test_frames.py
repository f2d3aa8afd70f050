"""Slide frames: numbered PNGs at the size asked for, and an index that says what each shows."""

import json
import re

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.pixels


@pytest.fixture(scope="module")
def frames(pagereel, board, tmp_path_factory):
    """Writes frames with these options; the folder they are in."""

    def write(*options):
        folder = tmp_path_factory.mktemp("frames")
        done = pagereel("frames", board, "-o", folder, *options)
        assert done.returncode == 0, done.stderr
        return folder / "two-requests"

    return write


@pytest.fixture(scope="module")
def small(frames):
    return frames("--size", 270)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image).copy()


def test_there_is_one_numbered_png_a_beat_and_an_index(small):
    names = sorted(path.name for path in small.iterdir())
    assert names == ["01.png", "02.png", "03.png", "frames.manifest.json", "index.json"]
    with Image.open(small / "01.png") as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (480, 270))


def test_the_index_tells_title_caption_and_what_is_seen(small):
    index = json.loads((small / "index.json").read_text("utf-8"))
    assert index["title"] == "Two requests <b>&</b> one pool"
    assert index["size"] == [480, 270]
    assert [entry["file"] for entry in index["frames"]] == ["01.png", "02.png", "03.png"]
    second = index["frames"][1]
    assert second["title"] == "A arrives and runs"
    assert second["caption"] == "A holds 4 slots."
    assert "Lane paged: running A" in second["alt"]


def test_steps_are_numbered_within_their_beat(frames):
    folder = frames("--size", 120, "--steps")
    names = sorted(path.name for path in folder.glob("*.png"))
    assert names == ["01-01.png", "02-01.png", "02-02.png", "02-03.png", "03-01.png"]


def test_a_transparent_frame_has_straight_alpha(frames, small):
    folder = frames("--size", 270, "--transparent")
    clear, solid = pixels(folder / "02.png"), pixels(small / "02.png")
    assert clear.shape == (270, 480, 4)
    assert clear[0, 0, 3] == 0
    alpha = clear[..., 3:].astype(float) / 255
    background = solid[0, 0].astype(float)
    over = clear[..., :3] * alpha + background * (1 - alpha)
    assert np.abs(over - solid).max() <= 3
    soft = clear[(clear[..., 3] > 100) & (clear[..., 3] < 156)]
    assert len(soft) and soft[..., :3].max() > soft[..., 3].max(), "colours are premultiplied"


def test_a_frame_can_be_as_large_as_4k(frames):
    folder = frames("--size", "3840x2160", "--jobs", 1)
    with Image.open(folder / "02.png") as image:
        assert image.size == (3840, 2160)


@pytest.mark.parametrize(
    "size",
    ["1920x1081", "100x100", "4320", "89", "0", "-5", "big", "1920x", "x", "1e3", "1920*1080"],
)
def test_a_size_that_cannot_be_is_refused_with_a_reason(size, pagereel, board, tmp_path):
    done = pagereel("frames", board, f"--size={size}", "-o", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"--size {size}: ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_frames_are_the_same_bytes_however_many_processes_draw_them(jobs, frames, small):
    folder = frames("--size", 270, "--jobs", jobs)
    for path in small.glob("*.png"):
        assert (folder / path.name).read_bytes() == path.read_bytes()


def test_every_theme_is_another_picture(frames, small):
    light = frames("--size", 270, "--theme", "light")
    assert pixels(light / "02.png")[0, 0].min() > 200 > pixels(small / "02.png")[0, 0].max()


def test_the_json_result_lists_the_files(pagereel, board, tmp_path):
    done = pagereel("frames", board, "--size", 120, "-o", tmp_path, "--json")
    (files,) = json.loads(done.stdout).values()
    assert files == [str(tmp_path / "two-requests" / f"0{i}.png") for i in (1, 2, 3)]


def test_frames_without_the_font_package_are_drawn_with_a_warning(
    board, tmp_path, environment, shared_cache
):
    import subprocess
    import sys

    code = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'pymupdf_fonts': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "import importlib.util\n"
        "found = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *a: (\n"
        "    None if name == 'pymupdf_fonts' else found(name, *a))\n"
        "from pathlib import Path\n"
        "from pagereel.read import read\n"
        "from pagereel.render.fonts import typefaces\n"
        "from pagereel.render.settings import Settings\n"
        "from pagereel.model.play import play\n"
        "from pagereel.scenes.clips import clips\n"
        "from pagereel.scenes.drawing.stage import draw_picture\n"
        "settings = Settings()\n"
        "drawn = clips(play(read(sys.argv[1])), settings.canvas, settings.colours, 15, 1.0,\n"
        "              typefaces())\n"
        "shown = [draw_picture(clip.end, 270) for clip in drawn]\n"
        "print(len(shown), min(len(set(map(bytes, s.reshape(-1, 4)))) for s in shown))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(board)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert re.match(r"warning: the package pymupdf-fonts is missing.*\n$", done.stderr)
    count, colours = map(int, done.stdout.split())
    assert count == 3 and colours > 20
