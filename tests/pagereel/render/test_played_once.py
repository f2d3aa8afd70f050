"""A storyboard is played once and each picture composed once, whatever a command makes of it."""

from collections import Counter

import pytest
from typer.testing import CliRunner

from pagereel.cli.app import app
from pagereel.read.meaning import rehearsal
from pagereel.scenes.pictures import compose

PICTURES = 5
"""Of the small storyboard: one, three (arrival, both halves of a step), one."""


@pytest.fixture
def run(monkeypatch, shared_cache):
    """Runs a command in this process; what it has played, and the pictures it has composed."""
    done = Counter()

    def counting(module, name, as_):
        real = getattr(module, name)

        def counted(*arguments, **named):
            done[as_] += 1
            return real(*arguments, **named)

        monkeypatch.setattr(module, name, counted)

    monkeypatch.setenv("PAGEREEL_CACHE", str(shared_cache))
    counting(rehearsal, "play", "played")
    counting(compose, "describe", "composed")

    def command(*words):
        done.clear()
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exit_code == 0, result.output
        return dict(done)

    return command


@pytest.mark.parametrize(("asked", "aspects"), [((), 3), (("--aspect", "1:1"), 2)])
def test_check_composes_each_aspect_once_and_takes_the_length_from_the_same(
    asked, aspects, run, board
):
    assert run("check", board, *asked) == {"played": 1, "composed": aspects * PICTURES}


def test_frames_are_composed_once(run, board, tmp_path):
    done = run("frames", board, "--format", "svg", "-o", tmp_path)
    assert done == {"played": 1, "composed": PICTURES}


@pytest.mark.pixels
def test_a_sheet_is_composed_once(run, board, tmp_path):
    done = run("frames", board, "--sheet", "--size", 120, "-o", tmp_path)
    assert done == {"played": 1, "composed": PICTURES}


@pytest.mark.pixels
@pytest.mark.parametrize("beats", [(), ("--beats", "2-3")])
def test_render_lints_the_pictures_that_it_draws(beats, run, board, rendered, tmp_path):
    done = run("render", board, "--quality", "draft", *beats, "-o", tmp_path)
    assert done == {"played": 1, "composed": PICTURES}


@pytest.mark.pixels
def test_verify_composes_once(run, board, rendered):
    video = rendered[0] / "two-requests.mp4"
    done = run("verify", video, "--storyboard", board)
    assert done == {"played": 1, "composed": PICTURES}
