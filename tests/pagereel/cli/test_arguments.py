"""What the command takes: choices from their tables, defaults from their values, completion."""

import inspect
import subprocess
import sys
from typing import get_args, get_type_hints

import pytest

import pagereel as package
from pagereel.cli.app import command as function_of
from pagereel.measurements.protocol.plan import PRESETS
from pagereel.render.encoding.formats import FORMATS
from pagereel.render.settings import QUALITIES, FrameOptions, Settings
from pagereel.replays.wishes import ReplayWishes
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.style import THEMES

HEAVY = ("manim", "av", "pydantic", "numpy", "yaml", "PIL", "fontTools")


def parameters(command):
    """What a command takes: for each flag its declaration and its default."""
    hints = get_type_hints(function_of(command), include_extras=True)
    for name, parameter in inspect.signature(function_of(command)).parameters.items():
        info = get_args(hints[name])[1]
        yield info.default, info, parameter.default


def of(command, flag):
    return next((info, default) for name, info, default in parameters(command) if name == flag)


@pytest.mark.parametrize(
    ("command", "flag", "table"),
    [
        ("render", "--format", FORMATS),
        ("render", "--quality", QUALITIES),
        ("render", "--aspect", CANVASES),
        ("frames", "--theme", THEMES),
        ("check", "--aspect", ("all", *CANVASES)),
        ("check", "--theme", ("all", *THEMES)),
        ("measure", "--preset", PRESETS),
    ],
)
def test_what_can_be_chosen_is_what_a_table_has(command, flag, table):
    info, _ = of(command, flag)
    assert info.autocompletion() == tuple(table)
    assert all(info.parser(name) == name for name in table)


@pytest.mark.parametrize("command", ["render", "deck", "frames", "preview", "charts"])
def test_a_default_is_that_of_the_settings(command):
    for name, _, default in parameters(command):
        if name in ("--quality", "--aspect", "--theme", "--speed", "--captions"):
            assert default == getattr(Settings(), name[2:])


def test_a_default_is_that_of_the_options_and_wishes(tmp_path):
    assert of("frames", "--text")[1] == FrameOptions(1080).text
    assert of("replay", "--lanes")[1] == ReplayWishes(tmp_path).lanes
    assert of("replay", "--points")[1] == ReplayWishes(tmp_path).points


def test_a_word_that_cannot_be_chosen_is_told_with_those_that_can(pagereel):
    done = pagereel("render", "any.yaml", "--theme", "drak")
    assert done.returncode == 2
    assert "Invalid value for '--theme': 'drak' is none of dark, light, print" in done.stderr


@pytest.mark.parametrize("words", [("--version",), ("--version", "list")])
def test_the_version_is_said(words, pagereel):
    assert pagereel(*words).stdout == f"pagereel {package.__version__}\n"


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("pagereel re", ["render", "replay", "record"]),
        ("pagereel render --theme ", [*THEMES]),
        ("pagereel render --format m", ["mp4", "mov"]),
        ("pagereel measure --pre", ["--preset"]),
    ],
)
def test_the_shell_completes_commands_options_and_choices(typed, completed, environment):
    told = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split(" ")) - 1)}
    code = "from pagereel.cli.app import app; app(prog_name='pagereel')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | told | {"_PAGEREEL_COMPLETE": "complete_bash"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == completed, done.stderr


def test_help_of_a_command_imports_nothing_heavy(environment):
    code = (
        "import sys; from pagereel.cli.boundary import main\n"
        "sys.argv = ['pagereel', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
