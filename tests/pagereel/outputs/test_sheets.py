"""Contact sheets: all frames of a storyboard on one PNG, in their order and with even gaps."""

from itertools import pairwise

import pytest
from PIL import Image

from pagereel.outputs.sheet import GAP, arrange


@pytest.mark.parametrize("count", [1, 2, 5, 12, 60])
@pytest.mark.parametrize("size", [(960, 540), (540, 960), (540, 540)])
def test_frames_stand_in_a_grid_with_even_gaps(count, size):
    sheet = arrange(count, *size)
    assert len(sheet.places) == count
    assert all((place.w, place.h) == size for place in sheet.places)
    for before, after in pairwise(sheet.places):
        beside = after.y == before.y and after.x == before.right + GAP
        below = after.x == GAP and after.y > before.bottom
        assert beside or below
    assert max(place.right for place in sheet.places) == sheet.width - GAP
    assert 0 <= sheet.height - GAP - sheet.places[-1].bottom <= 1


def test_a_long_storyboard_grows_both_ways():
    columns = {place.x for place in arrange(24, 960, 540).places}
    rows = {place.y for place in arrange(24, 960, 540).places}
    assert len(columns) > 2 and len(rows) > 2


@pytest.mark.pixels
def test_a_sheet_is_one_png_named_after_its_storyboard(pagereel, board, tmp_path):
    for aspect, size in (("16:9", (960, 540)), ("9:16", (540, 960))):
        folder = tmp_path / aspect.replace(":", "x")
        done = pagereel("frames", board, "--sheet", "--aspect", aspect, "-o", folder)
        assert (done.returncode, done.stderr) == (0, "")
        assert [path.name for path in folder.iterdir()] == ["two-requests.png"]
        sheet = arrange(3, *size)
        with Image.open(folder / "two-requests.png") as image:
            assert image.size == (sheet.width, sheet.height)


@pytest.mark.pixels
def test_frames_on_a_sheet_are_those_that_frames_writes(pagereel, board, tmp_path):
    small = ("--size", "270", "-o", tmp_path)
    assert pagereel("frames", board, *small).returncode == 0
    assert pagereel("frames", board, "--sheet", *small).returncode == 0
    with Image.open(tmp_path / "two-requests.png") as sheet:
        for number, place in enumerate(arrange(3, 480, 270).places, 1):
            part = sheet.crop((place.x, place.y, place.right, place.bottom))
            with Image.open(tmp_path / "two-requests" / f"{number:02}.png") as frame:
                assert part.tobytes() == frame.tobytes()


@pytest.mark.pixels
def test_all_sheets_of_a_folder_are_made_in_one_go(pagereel, board, tmp_path):
    (tmp_path / "storyboards").mkdir()
    for name in ("1-one.yaml", "2-two.yaml"):
        (tmp_path / "storyboards" / name).write_text(board.read_text("utf-8"), "utf-8")
    done = pagereel("frames", "--all", "--sheet", "--size", 120, "-o", "sheets", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["sheets/1-one.png", "sheets/2-two.png"]


@pytest.mark.parametrize("option", ["--format=svg", "--transparent", "--at-2x"])
def test_what_a_sheet_cannot_be_is_refused_with_a_reason(option, pagereel, board, tmp_path):
    done = pagereel("frames", board, "--sheet", option, "-o", tmp_path)
    assert done.returncode == 1 and "--sheet" in done.stderr
    assert list(tmp_path.iterdir()) == []
