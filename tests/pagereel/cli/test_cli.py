"""The command as a user types it: exit codes, where output goes, and how soon it answers."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from places import ROOT

FOX = ROOT / "storyboards" / "01-the-quick-brown-fox.yaml"
VERBS = ("list", "check", "render", "frames", "trace", "new", "schema")
SLACK = float(os.environ.get("PAGEREEL_TEST_SLACK", "2.5"))
"""How much slower than our own goal a busy machine may be."""


@pytest.fixture
def wrong(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text("titel: x\n", "utf-8")
    return path


def refused(done, code):
    """It ended with this code, said why on stderr, printed nothing and no traceback."""
    assert done.returncode == code, (done.stdout, done.stderr)
    assert done.stdout == ""
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def best_of(count, act):
    """The least time a command took of the processor: others on the machine cannot slow it."""

    def once():
        before = os.times()
        act()
        after = os.times()
        return sum(after[2:4]) - sum(before[2:4])

    return min(once() for _ in range(count))


def test_help_names_every_command(pagereel):
    done = pagereel("--help")
    assert done.returncode == 0
    assert all(verb in done.stdout for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_has_help(verb, pagereel):
    done = pagereel(verb, "--help")
    assert done.returncode == 0
    assert f"pagereel {verb}" in done.stdout.replace("python -m pagereel", "pagereel")


def test_help_answers_at_once(pagereel):
    assert best_of(5, lambda: pagereel("--help")) < 0.4 * SLACK


def test_check_answers_within_a_second(pagereel):
    assert best_of(3, lambda: pagereel("check", FOX)) < 1.0 * SLACK


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("render", "--nonsense", FOX),
        ("render", FOX, "--quality", "great"),
        ("render", FOX, "--aspect", "4:3"),
        ("render", FOX, "--speed", "0"),
        ("render", FOX, "--speed", "fast"),
        ("render", FOX, "--jobs", "0"),
        ("render",),
        ("check",),
        ("frames",),
        ("trace",),
        ("trace", FOX, FOX),
        ("new",),
        ("schema", "more"),
    ],
    ids=lambda words: " ".join(Path(word).name for word in words),
)
def test_a_wrong_call_ends_with_two(words, pagereel):
    refused(pagereel(*words), 2)


@pytest.mark.parametrize("verb", ["check", "render", "frames", "trace"])
def test_a_wrong_storyboard_ends_with_one_and_names_its_place(verb, wrong, pagereel, tmp_path):
    options = () if verb in ("check", "trace") else ("-o", tmp_path / "out")
    done = pagereel(verb, wrong, *options)
    refused(done, 1)
    assert "wrong.yaml:1:1" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_missing_storyboard_ends_with_one(pagereel, tmp_path):
    refused(pagereel("check", tmp_path / "none.yaml"), 1)


def test_the_mistakes_of_all_files_are_told_together(wrong, pagereel, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text("title: [\n", "utf-8")
    done = pagereel("check", wrong, FOX, other)
    refused(done, 1)
    assert "wrong.yaml" in done.stderr and "other.yaml" in done.stderr


def test_two_storyboards_of_one_name_are_refused(pagereel, tmp_path):
    copy = tmp_path / FOX.name
    copy.write_text(FOX.read_text("utf-8"), "utf-8")
    refused(pagereel("render", FOX, copy, "-o", tmp_path), 1)


def test_a_layout_fault_ends_with_one_and_names_beat_and_text(pagereel):
    done = pagereel("check", FOX, "--set", f"beats.2.title={'W' * 150}")
    refused(done, 1)
    assert "beat 2" in done.stderr and "WWW" in done.stderr


def test_a_caption_that_is_too_long_is_named_once_with_its_line_and_the_limit(
    pagereel, story, write
):
    said = "Still {paged.A.held} slots: " + "nothing moves, " * 30
    path = write("long.yaml", story.replace("Still {paged.A.held} slots: ", said))
    done = pagereel("check", path, "--aspect", "1:1")
    refused(done, 1)
    where, excerpt, _, remedy = done.stderr.splitlines()
    assert where == f"{path}:13:33: the caption is too long"
    assert excerpt.startswith("   13 | ")
    assert re.fullmatch(r"   1:1 has room for 4 lines, about 2\d\d characters", remedy)
    everywhere = pagereel("check", path).stderr
    assert everywhere.count("the caption is too long") == 1
    assert all(f"{aspect} has room for" in everywhere for aspect in ("16:9", "9:16", "1:1"))


def test_check_says_one_line_a_storyboard(pagereel, board):
    done = pagereel("check", FOX, board)
    assert done.returncode == 0 and done.stderr == ""
    first, second = done.stdout.splitlines()
    assert first.startswith(f"{FOX}: good, 11 beats, ")
    assert second.startswith(f"{board}: good, 3 beats, ")


def test_check_as_json(pagereel, board):
    (result,) = json.loads(pagereel("check", board, "--json").stdout)
    assert (result["file"], result["beats"]) == (str(board), 3)
    assert result["seconds"] > 3


def test_list_shows_name_length_and_title(pagereel, board):
    done = pagereel("list", board.parent)
    assert done.stdout.startswith("two-requests ")
    assert done.stdout.endswith("Two requests <b>&</b> one pool\n")
    (row,) = json.loads(pagereel("list", board.parent, "--json").stdout)
    assert (row["name"], row["title"]) == ("two-requests", "Two requests <b>&</b> one pool")


def test_list_of_the_course_is_the_default(pagereel):
    assert "01-the-quick-brown-fox" in pagereel("list").stdout


def test_list_of_an_empty_folder_is_empty(pagereel, tmp_path):
    done = pagereel("list", tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


def test_list_of_no_folder_ends_with_one(pagereel, tmp_path):
    refused(pagereel("list", tmp_path / "none"), 1)


def test_schema_is_json(pagereel):
    assert json.loads(pagereel("schema").stdout)["properties"]["beats"]


def test_trace_is_one_json_document_a_line(pagereel, board):
    done = pagereel("trace", board)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["beat"], line["half"]) for line in lines] == [
        (1, "start"),
        (2, "start"),
        (2, "scheduled"),
        (2, "sampled"),
        (3, "start"),
    ]
    kinds = [event["is"] for event in lines[2]["lanes"][1]["events"]]
    assert kinds == ["Admitted", "BlockTaken", "EntriesWritten"]
    assert lines[2]["lanes"][1]["state"]["memory"]["is"] == "PagedMemory"


def test_trace_as_text_is_for_people(pagereel, board):
    done = pagereel("trace", board, "--text")
    assert done.returncode == 0 and "-- Paged" in done.stdout


@pytest.mark.parametrize("form", [(), ("--text",)], ids=["json", "text"])
def test_trace_prints_the_timeline_also_where_a_claim_fails(form, pagereel, board, story, tmp_path):
    path = tmp_path / board.name
    claim = "expect: [paged.A.held == 7, paged.A.blocks == 1]"
    path.write_text(story.replace("do: [admit: A, step]", f"do: [admit: A, step], {claim}"))
    done, whole = pagereel("trace", path, *form), pagereel("trace", board, *form)
    assert (done.returncode, done.stdout) == (1, whole.stdout)
    assert "`paged.A.held == 7` does not hold" in done.stderr
    assert "paged.A.blocks == 1" not in done.stderr.replace(claim, "")


def test_set_overrides_for_one_run(pagereel, board):
    done = pagereel("trace", board, "--set", "block_size=2", "--set", "requests.A.prompt=Hello")
    memory = json.loads(done.stdout.splitlines()[2])["lanes"][1]["state"]
    assert memory["memory"]["block_size"] == 2
    assert memory["requests"][0]["prompt"] == 1


@pytest.mark.parametrize("text", ["block_sise=2", "block_size=many", "block_size", "=", "a..b=1"])
def test_a_wrong_override_ends_with_one(text, pagereel, board):
    refused(pagereel("check", board, "--set", text), 1)


def test_new_writes_a_storyboard_that_is_good(pagereel, tmp_path):
    done = pagereel("new", "my-story", "-o", tmp_path / "boards")
    assert done.returncode == 0
    path = tmp_path / "boards" / "my-story.yaml"
    assert str(path) in done.stdout
    assert pagereel("check", path).returncode == 0


def test_new_never_overwrites(pagereel, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("precious", "utf-8")
    refused(pagereel("new", "mine", "-o", tmp_path), 1)
    assert path.read_text("utf-8") == "precious"


def test_new_does_not_write_through_a_link_that_leads_nowhere(pagereel, tmp_path):
    (tmp_path / "mine.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    refused(pagereel("new", "mine", "-o", tmp_path), 1)
    assert not (tmp_path / "elsewhere.yaml").exists()


@pytest.mark.parametrize(
    "name", ["../escape", "a/b", "/absolute", "..", ".", "", "C:x", "nul", "a\nb", "a b", "-o"]
)
def test_new_refuses_a_name_that_plays_tricks(name, pagereel, tmp_path):
    folder = tmp_path / "boards"
    done = pagereel("new", "-o", folder, "--", name)
    refused(done, 1)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_new_below_a_file_ends_with_three(pagereel, tmp_path):
    (tmp_path / "file").write_text("in the way")
    refused(pagereel("new", "mine", "-o", tmp_path / "file"), 3)


def test_render_all_where_no_storyboard_has_a_number_says_so(pagereel, tmp_path):
    (tmp_path / "storyboards").mkdir()
    done = pagereel("render", "--all", cwd=tmp_path)
    refused(done, 1)
    assert "storyboards/" in done.stderr


def test_a_reader_that_stops_reading_is_no_error(command, environment):
    words = [*command, "trace", str(FOX)]
    pipe = subprocess.PIPE
    running = subprocess.Popen(words, env=environment, stdout=pipe, stderr=pipe, text=True)
    running.stdout.readline()
    running.stdout.close()
    assert running.stderr.read() == ""
    assert running.wait(timeout=30) in (0, 1, 141)
    running.stderr.close()


def test_render_warns_of_a_layout_fault_and_draws_all_the_same(pagereel, tmp_path):
    path = tmp_path / "long.yaml"
    title = "A headline that goes on and on " * 6
    path.write_text(
        f"title: x\nmodel: gpt2\nparameters: {{slots: 16, block_size: 4}}\n"
        f"lanes: {{paged: {{kind: paged, title: Paged}}}}\n"
        f"requests: {{A: {{prompt: one two, output: 2}}}}\n"
        f"beats: [{{title: {title.strip()}, do: [admit: A, step], say: x}}]\n",
        encoding="utf-8",
    )
    done = pagereel("render", path, "--quality", "draft", "-o", tmp_path / "out")
    assert done.returncode == 0
    assert "layout fault" in done.stderr and "Traceback" not in done.stderr
    assert (tmp_path / "out" / "long" / "long.mp4").exists()


def test_check_looks_at_the_aspects_and_themes_that_are_asked_for(pagereel):
    long = ("--set", f"beats.2.title={'W' * 150}")
    everywhere = pagereel("check", FOX, *long).stderr
    narrow = pagereel("check", FOX, *long, "--aspect", "9:16", "--theme", "light").stderr
    assert all(f"beat 2, {aspect}:" in everywhere for aspect in ("16:9", "9:16", "1:1"))
    assert "beat 2, 9:16:" in narrow and "16:9" not in narrow and "1:1" not in narrow


def test_check_of_everything_takes_the_numbered_storyboards(pagereel, board, tmp_path):
    (tmp_path / "storyboards").mkdir()
    for name in ("1-one.yaml", "2-two.yaml", "draft.yaml"):
        (tmp_path / "storyboards" / name).write_text(board.read_text("utf-8"), "utf-8")
    done = pagereel("check", "--all", "--aspect", "1:1", cwd=tmp_path)
    names = [Path(line.split(":")[0]).name for line in done.stdout.splitlines()]
    assert names == ["1-one.yaml", "2-two.yaml"]
