"""A storyboard in Python: loaded with other settings, asked for states, numbers and pictures."""

import dataclasses
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

import pagereel
from pagereel.api import moments
from pagereel.model.usage.occupancy import Split
from pagereel.packaged import COURSE
from pagereel.page import built
from pagereel.render.plan import Edition
from pagereel.render.settings import MOMENTS, FrameOptions, Settings

FOX = COURSE / "01-the-quick-brown-fox.yaml"
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>&amp;</style>'


@pytest.fixture(scope="module")
def fox():
    return pagereel.load(FOX, block_size=8)


def fresh(code):
    """What a new process prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_importing_pagereel_takes_the_standard_library_alone():
    code = "import sys; old = set(sys.modules); import pagereel; print(*(set(sys.modules) - old))"
    assert set(fresh(code).split()) <= sys.stdlib_module_names | {"pagereel"}


def test_every_name_is_there_and_the_lazy_ones_are_those_that_editors_see():
    assert [name for name in pagereel.__all__ if not hasattr(pagereel, name)] == []
    assert set(pagereel.__all__) == {"__version__", *pagereel._HOMES}
    assert set(pagereel.__all__) <= set(dir(pagereel))
    with pytest.raises(AttributeError, match="has no attribute 'lode'"):
        pagereel.lode  # noqa: B018  # asking is the point


def test_a_function_and_the_room_of_replays_do_not_hide_each_other():
    code = "import pagereel.replays.run, pagereel; print(callable(pagereel.replay))"
    assert fresh(code).strip() == "True"


def test_settings_and_single_values_are_overridden_by_name_and_by_path(fox):
    assert {lane["kind"]: lane["block_size"] for lane in fox.timeline.rows()} == {
        "contiguous": 0,
        "paged": 8,
    }
    other = pagereel.load(FOX, {"requests.A.prompt": "Hello"}, slots=96)
    assert other.storyboard.requests[0].prompt == ("Hello",)
    assert other.timeline.rows()[0]["capacity"] == 96


@pytest.mark.parametrize(
    "text", ["true", "12", "[a list]", "{a: b}", '"quoted"', "null", " x", "ß"]
)
def test_a_text_stays_a_text(text):
    assert pagereel.load(FOX, {"beats.1.title": text}).storyboard.beats[0].title == text


def test_a_name_finds_the_storyboard_of_the_course(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert pagereel.load("01-the-quick-brown-fox").path == FOX
    with pytest.raises(pagereel.InputWrong, match="did you mean `01-the-quick-brown-fox`"):
        pagereel.load("01-the-quick-brown-dog")


@pytest.mark.parametrize(
    ("wrong", "typed"),
    [
        ({"blocksize": 8}, "blocksize=8"),
        ({"block_size": 0}, "block_size=0"),
        ({"set": {"requests.Z.prompt": "x"}}, "requests.Z.prompt=x"),
    ],
)
def test_mistakes_are_told_in_the_words_of_the_command(wrong, typed):
    with pytest.raises(pagereel.StoryboardProblems) as told:
        pagereel.load(FOX, **wrong)
    command = [sys.executable, "-m", "pagereel", "trace", str(FOX), "--set", typed]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, f"{told.value}\n")


def test_the_timeline_prints_as_a_table_of_beats_and_moments(fox):
    head, names, *lines = str(fox.timeline).splitlines()
    assert "contiguous (contiguous), 48 slots" in head and "paged (paged), 48 slots" in head
    assert names.split("|")[2].split() == ["stored", "internal", "free"]
    assert lines[0] == "1. The quick brown fox"
    assert "3 sampled" in str(fox.timeline)
    assert max(map(len, [head, *lines])) <= 100
    assert repr(fox.timeline) == "<PlayedTimeline: 11 beats, 30 moments, contiguous, paged>"


def test_steps_states_and_events_are_plain_data(fox):
    steps = fox.timeline.steps
    assert json.loads(json.dumps(steps)) == steps
    assert len(steps) == len(fox.timeline)
    assert steps[3]["lanes"][1]["state"] == fox.timeline.states("paged")[3]
    arrived = fox.timeline.events("paged")[0]
    assert arrived == {"beat": 2, "step": 0, "is": "Arrived", "request": "A"}
    with pytest.raises(KeyError):
        fox.timeline.states("no such lane")


def test_steps_are_what_trace_prints(fox, capsys):
    from pagereel.cli.commands.trace_ import trace

    trace(FOX, set_=["block_size=8"])
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert printed == fox.timeline.steps


def test_a_range_of_positions_is_its_two_ends():
    timeline = pagereel.load(COURSE / "12-storage-is-not-attention.yaml").timeline
    assert json.loads(json.dumps(timeline.steps)) == timeline.steps
    readable = [r["readable"] for r in timeline.states("slide")[-1]["requests"]]
    assert all(isinstance(end, int) for spans in readable for span in spans for end in span)


def test_rows_are_flat_and_alike_with_numbers_as_numbers(fox):
    rows = fox.timeline.rows()
    assert len(rows) == len(fox.timeline) * len(fox.timeline.lanes)
    assert len({tuple(row) for row in rows}) == 1
    assert {type(value) for row in rows for value in row.values()} <= {int, float, str}
    last = rows[-1]
    assert (last["beat"], last["step"], last["half"], last["lane"]) == (11, 9, "sampled", "paged")
    assert sum(last[part] for part in moments.PARTS) == last["capacity"] == 48
    assert set(fox.timeline.columns) == set(last) - {
        "beat",
        "title",
        "step",
        "half",
        "lane",
        "kind",
    }
    assert fox.timeline.columns["stored"] == "slots: slots that hold a token's K/V"


def test_the_parts_of_the_table_are_those_of_the_model():
    assert tuple(part.name for part in dataclasses.fields(Split)) == moments.PARTS


def test_frames_are_svg_without_manim_and_say_which_moment_they_are(fox):
    frames = fox.frames()
    assert [frame.beat for frame in frames] == list(range(1, 12))
    root = ET.fromstring(frames[3].svg())
    assert (root.get("width"), root.get("height")) == ("1920", "1080")
    assert len(fox.frames(each="step")) > len(frames)
    square = fox.frames(aspect="1:1", theme="light")[0]
    assert square.image().size == (1080, 1080)
    with pytest.raises(ValueError, match="theme 'grey' is none of dark, light, print"):
        fox.frames(theme="grey")
    with pytest.raises(ValueError, match="each 'moment' is none of beat, step"):
        fox.frames(each="moment")
    with pytest.raises(ValueError, match="text 'path' is none of embed, outline"):
        frames[0].svg("path")
    code = f"import sys, pagereel; pagereel.load({str(FOX)!r}).frames()[0].svg()"
    assert fresh(f"{code}; print('manim' in sys.modules)").strip() == "False"


@pytest.mark.pixels
def test_a_frame_is_an_image_of_as_many_pixels_as_asked(fox):
    frame = fox.frames()[3]
    assert (frame.image(180).size, frame.image(180).mode) == ((320, 180), "RGB")
    assert frame.image(180, opacity=0).mode == "RGBA"


@pytest.mark.pixels
def test_render_makes_the_file_that_the_command_makes(board, rendered, tmp_path, shared_cache,
                                                      monkeypatch):  # fmt: skip
    monkeypatch.setenv("PAGEREEL_CACHE", str(shared_cache))
    made = pagereel.load(board).render(tmp_path, quality="draft", jobs=1)
    assert made.video == tmp_path / "two-requests" / "two-requests.mp4"
    assert made.video.read_bytes() == (rendered[0] / "two-requests.mp4").read_bytes()
    assert made.drawn == 0


@pytest.mark.pixels
def test_a_script_that_renders_needs_no_guard(board, tmp_path, environment):
    script = tmp_path / "script.py"
    render = f"pagereel.load({str(board)!r}).render('out', quality='draft', beats='1', jobs=1)"
    script.write_text(f"import pagereel\nprint('once')\nprint({render}.drawn, __file__)\n", "utf-8")
    environment = environment | {"PAGEREEL_CACHE": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, str(script)], cwd=tmp_path, env=environment,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.stdout, done.stderr) == (f"once\n1 {script}\n", "")


def test_the_defaults_are_those_of_the_command():
    usual = pagereel.PlayedStoryboard.render.__defaults__
    settings = tuple(getattr(Settings(), field.name) for field in dataclasses.fields(Settings))
    assert usual[1:7] == settings
    assert usual[7:11] == (None, None, Edition().author, Edition().date)
    assert pagereel.PlayedStoryboard.frames.__defaults__[0] == MOMENTS[0] == FrameOptions(1).each


class Frames(HTMLParser):
    """The attributes of the tags of a piece of HTML."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


def test_a_notebook_shows_the_page_in_a_frame_that_reaches_nothing_around_it(
    tmp_path, story, monkeypatch
):
    path = tmp_path / "hostile.yaml"
    path.write_text(story.replace("Two requests <b>&</b> one pool", json.dumps(HOSTILE)), "utf-8")
    monkeypatch.setattr(built, "player", lambda: "script()")
    monkeypatch.setattr("pagereel.page.publish.font_rules", lambda used: "")  # takes its time
    bundle = pagereel.load(path)._repr_mimebundle_()
    assert bundle["text/plain"] == "<PlayedStoryboard hostile: 3 beats; lanes contiguous, paged>"
    assert bundle["image/svg+xml"].startswith("<svg")
    ((tag, frame),) = Frames(bundle["text/html"]).tags
    assert (tag, frame["sandbox"]) == ("iframe", "allow-scripts")
    assert "<script>script()</script>" in frame["srcdoc"]
    assert HOSTILE not in frame["srcdoc"]


def test_a_notebook_without_a_player_shows_what_else_it_may(board, monkeypatch):
    monkeypatch.setattr(built, "PLAYER", Path("nowhere"))
    bundle = pagereel.load(board)._repr_mimebundle_(exclude={"image/svg+xml"})
    assert [*bundle] == ["text/plain"]
