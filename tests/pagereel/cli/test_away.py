"""Away from the repository: commands find what pagereel brings, and say where they looked."""

import shlex
import shutil
from pathlib import Path

import pytest

from pagereel.cli.sources import course
from pagereel.errors import InputWrong
from pagereel.packaged import COURSE, RECORDS, course_folder, records_folder, storyboard_file
from pagereel.read import read

from places import ROOT

FOX = "01-the-quick-brown-fox"
MEASURED = """\
title: Their records
lanes: {paged: {kind: paged, slots: 16, block_size: 4}}
beats: [{title: One, card: chart, chart: {show: split, of: four}, say: "{finding}"}]
"""


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_what_is_brought_along_is_the_course_and_the_records():
    assert (COURSE / f"{FOX}.yaml").samefile(ROOT / "storyboards" / f"{FOX}.yaml")
    assert RECORDS.samefile(ROOT / "measurements" / "results")


def test_an_empty_folder_has_the_course_and_the_records_that_are_brought_along():
    assert (course_folder(), records_folder()) == (COURSE, RECORDS)
    assert [path.name for path in course()] == [p.name for p in sorted(COURSE.glob("[0-9]*.yaml"))]


def test_a_folder_s_own_storyboards_and_records_go_first(tmp_path):
    (tmp_path / "storyboards").mkdir()
    (tmp_path / "measurements" / "results").mkdir(parents=True)
    assert str(course_folder()) == "storyboards"
    assert str(records_folder()) == "measurements/results"
    with pytest.raises(InputWrong, match="no storyboard in storyboards/ has a number"):
        course()


def test_a_name_is_looked_for_here_then_in_storyboards_then_in_the_course(tmp_path):
    given = Path(FOX)
    assert storyboard_file(given) == COURSE / f"{FOX}.yaml"
    (tmp_path / "storyboards").mkdir()
    shutil.copy(COURSE / f"{FOX}.yaml", tmp_path / "storyboards")
    assert storyboard_file(given) == Path("storyboards") / f"{FOX}.yaml"
    shutil.copy(COURSE / f"{FOX}.yaml", tmp_path)
    assert storyboard_file(given) == Path(f"{FOX}.yaml")
    assert storyboard_file(Path("elsewhere") / f"{FOX}.yaml") == Path("elsewhere") / f"{FOX}.yaml"


@pytest.mark.parametrize("verb", ["check", "trace"])
def test_commands_take_the_name_of_a_storyboard(verb, pagereel, tmp_path):
    words = ("--aspect", "1:1", "--theme", "dark") if verb == "check" else ()
    done = pagereel(verb, FOX, *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("verb", ["check", "frames", "preview"])
def test_a_name_that_nothing_bears_is_told_with_where_it_was_looked_for(verb, pagereel, tmp_path):
    done = pagereel(verb, "01-the-quick-brown-ox", cwd=tmp_path)
    assert done.returncode == 1
    assert f"no storyboard of that name here, in storyboards/ or in {COURSE}" in done.stderr
    assert f"did you mean `{FOX}`?" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("folder", ["", "storyboards"])
def test_the_command_that_new_prints_works_as_printed(folder, pagereel, tmp_path):
    (tmp_path / folder).mkdir(exist_ok=True)
    done = pagereel("new", "x", cwd=tmp_path)
    assert (tmp_path / folder / "x.yaml").is_file()
    printed = done.stdout.split("`")[1]
    assert printed.startswith("pagereel check")
    assert pagereel(*shlex.split(printed)[1:], cwd=tmp_path).returncode == 0


def test_a_path_with_a_space_is_printed_as_it_can_be_typed(pagereel, tmp_path):
    done = pagereel("new", "x", "-o", tmp_path / "my boards")
    printed = done.stdout.split("`")[1]
    assert pagereel(*shlex.split(printed)[1:]).returncode == 0


def test_a_storyboard_far_away_draws_from_the_record_that_is_brought_along(write, tmp_path):
    (beat,) = read(write("mine.yaml", MEASURED)).beats
    assert beat.charts[0].origin is not None
    (tmp_path / "ours").mkdir()
    (beat,) = read(write("own.yaml", MEASURED.replace("lanes", "record: ours\nlanes"))).beats
    assert beat.charts[0].origin is None


def test_a_recording_far_away_is_that_of_the_course(tmp_path):
    shutil.copy(COURSE / "16-production-traffic.yaml", tmp_path)
    assert read(tmp_path / "16-production-traffic.yaml").recording is not None
