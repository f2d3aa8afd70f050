"""An output says whether it is still what its storyboard says."""

import json
import os
import shutil

import pytest

from pagereel.errors import InputWrong
from pagereel.outputs.verify import verify
from pagereel.packaged import COURSE

pytestmark = pytest.mark.pixels


@pytest.fixture
def output(rendered, tmp_path):
    """A copy of the rendered folder that may be spoilt."""
    return shutil.copytree(rendered[0], tmp_path / "out")


def test_a_fresh_output_is_what_its_storyboard_says(output, board):
    for name in ("two-requests.mp4", "two-requests.srt", "poster.png"):
        verdict = verify(output / name, board)
        assert verdict.good, verdict
        assert "still what" in str(verdict)


def test_a_remark_in_the_storyboard_changes_nothing(output, board, tmp_path):
    edited = tmp_path / "two-requests.yaml"
    edited.write_text(board.read_text("utf-8") + "# a remark\n", encoding="utf-8")
    assert verify(output / "two-requests.mp4", edited).good


def test_a_beat_that_says_something_else_is_named(output, board, tmp_path):
    edited = tmp_path / "two-requests.yaml"
    edited.write_text(board.read_text("utf-8").replace("A holds", "A has"), encoding="utf-8")
    verdict = verify(output / "two-requests.mp4", edited)
    assert not verdict.good
    assert verdict.changed == ("beat 2", "beat 3")  # the third starts from what the second showed


def test_a_beat_more_is_named(output, board, tmp_path):
    edited = tmp_path / "two-requests.yaml"
    edited.write_text(board.read_text("utf-8") + "  - {title: More, say: x}\n", encoding="utf-8")
    assert verify(output / "two-requests.mp4", edited).changed == ("beat 4",)


def test_a_file_that_was_touched_is_not_the_one_that_was_made(output, board):
    with (output / "two-requests.srt").open("a", encoding="utf-8") as opened:
        opened.write("more")
    verdict = verify(output / "two-requests.srt", board)
    assert not verdict.intact
    assert "changed since" in str(verdict)


def test_an_older_library_is_mentioned_but_is_no_fault(output, board):
    path = output / "manifest.json"
    about = json.loads(path.read_text("utf-8"))
    about["versions"]["manim"] = "0.1"
    path.write_text(json.dumps(about), encoding="utf-8")
    verdict = verify(output / "two-requests.mp4", board)
    assert verdict.good
    assert verdict.newer[0].startswith("manim 0.1, now")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "two-requests.mp4").unlink(), "no such file"),
        (lambda folder: (folder / "manifest.json").unlink(), "no manifest"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), "no manifest"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "no manifest"),
        (lambda folder: change(folder, format=99), "another version"),
        (lambda folder: change(folder, settings={"x": 1}), "not one of ours"),
        (lambda folder: change(folder, settings={"speed": "1"}), "not one of ours"),
        (lambda folder: change(folder, settings={"quality": []}), "not one of ours"),
        (lambda folder: change(folder, files=["two-requests.mp4"]), "no manifest"),
        (lambda folder: change(folder, files="two-requests.mp4"), "no manifest"),
        (lambda folder: change(folder, files={"two-requests.mp4": 1}), "not one of ours"),
        (lambda folder: change(folder, versions=["manim"]), r"ours \(versions: "),
        (lambda folder: change(folder, versions={"manim": 1}), r"ours \(versions.manim: "),
        (lambda folder: change(folder, beats=[1]), "not one of ours"),
        (lambda folder: change(folder, first_beat=0), "not one of ours"),
        (lambda folder: change(folder, storyboard="x"), "not one of ours"),
        (lambda folder: change(folder, frames=None), "not one of ours"),
        (lambda folder: (folder / "manifest.json").write_text("[" * 10**5), "inside each other"),
        (lambda folder: (folder / "manifest.json").write_bytes(b"\x89PNG\r\n\0"), "a PNG picture"),
        (lambda folder: make_fifo(folder / "manifest.json"), "a FIFO, not a file"),
    ],
)
def test_what_cannot_be_told_is_said_with_a_reason(spoil, said, output, board):
    spoil(output)
    with pytest.raises(InputWrong, match=said):
        verify(output / "two-requests.mp4", board)


def change(folder, **fields):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | fields), encoding="utf-8")


def make_fifo(path):
    path.unlink()
    os.mkfifo(path)


def test_a_fifo_in_the_place_of_a_file_or_its_storyboard_is_refused_at_once(output, tmp_path):
    os.mkfifo(tmp_path / "two-requests.yaml")
    with pytest.raises(InputWrong, match="a FIFO, not a file"):
        verify(output / "two-requests.mp4", tmp_path / "two-requests.yaml")
    make_fifo(output / "poster.png")
    with pytest.raises(InputWrong, match="no such file"):
        verify(output / "poster.png")


def test_what_a_manifest_says_is_printed_without_its_control_characters(output, board):
    change(output, versions={"manim": "\x1b[31m0.1"})
    assert str(verify(output / "two-requests.mp4", board)).isprintable()
    change(output, storyboard={"file": "\x1b[31m.yaml", "set": []})
    with pytest.raises(InputWrong) as refusal:
        verify(output / "two-requests.mp4")
    assert str(refusal.value).isprintable()


def test_a_storyboard_that_is_not_there_can_be_named(output, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputWrong, match="--storyboard"):
        verify(output / "two-requests.mp4")


def test_a_manifest_cannot_name_a_storyboard_elsewhere(output, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    change(output, storyboard={"file": "../../secret.yaml", "sha256": "", "set": []})
    with pytest.raises(InputWrong, match=r"made from secret\.yaml, which is not in"):
        verify(output / "two-requests.mp4")


def test_a_storyboard_of_the_course_is_found_from_anywhere(output, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    change(output, storyboard={"file": "01-the-quick-brown-fox.yaml", "sha256": "", "set": []})
    verdict = verify(output / "two-requests.mp4")
    assert verdict.storyboard == str(COURSE / "01-the-quick-brown-fox.yaml")
    assert not verdict.good


def test_frames_know_which_of_them_changed(board, pagereel, tmp_path):
    done = pagereel("frames", board, "-o", tmp_path, "--format", "svg")
    assert done.returncode == 0, done.stderr
    path = tmp_path / "two-requests" / "02.svg"
    assert verify(path, board).good
    edited = tmp_path / "two-requests.yaml"
    edited.write_text(board.read_text("utf-8").replace("A holds", "A has"), encoding="utf-8")
    assert verify(path, edited).changed == ("frame 02",)


def test_there_is_a_verdict_on_each_file_also_where_one_cannot_be_judged(
    output, board, pagereel, tmp_path
):
    video, words, lost = output / "two-requests.mp4", output / "two-requests.srt", tmp_path / "no"
    words.write_text("other words", "utf-8")
    done = pagereel("verify", lost, words, video, "--storyboard", board)
    assert done.returncode == 1
    assert done.stdout == f"{video}: still what {board} says\n"
    assert [line.split(": ")[0] for line in done.stderr.splitlines()] == [str(lost), str(words)]
    results = json.loads(pagereel("verify", lost, video, "--storyboard", board, "--json").stdout)
    assert [(one["file"], one["good"]) for one in results] == [
        (str(lost), False),
        (str(video), True),
    ]
    assert results[0]["problem"].endswith("there is no such file")


def test_the_command_answers_with_its_exit_code(output, board, pagereel):
    good = pagereel("verify", output / "two-requests.mp4", "--storyboard", board, "--json")
    assert (good.returncode, json.loads(good.stdout)[0]["good"]) == (0, True)
    (output / "two-requests.mp4").write_bytes(b"x")
    bad = pagereel("verify", output / "two-requests.mp4", "--storyboard", board)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "changed since" in bad.stderr
