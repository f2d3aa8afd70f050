"""The command line: what each command takes, and what it prints. The work is done elsewhere.

Nothing heavy is imported before a command needs it: `--help` answers at once, and `check` draws
nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pagereel.arguments import (
    AspectChoice,
    AspectName,
    Folder,
    Jobs,
    Json,
    OneStoryboard,
    QualityChoice,
    QualityName,
    Set,
    Speed,
    Storyboards,
    ThemeChoice,
    ThemeName,
)
from pagereel.cli_measured import measured
from pagereel.cli_replayed import replay
from pagereel.failure import InputWrong, MachineFailed

app = typer.Typer(
    name="pagereel",
    help="Turn a YAML storyboard into an exact, animated explainer of an LLM's KV cache.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command("list")
def list_command(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to look.")] = Path(
        "storyboards"
    ),
    json: Json = False,
) -> None:
    """Show the storyboards in a folder, with their titles and lengths."""
    from pagereel.commands.listing import list_storyboards

    list_storyboards(folder, "json" if json else "text")


@app.command()
def check(storyboards: Storyboards = None, set_: Set = None, json: Json = False) -> None:
    """Check storyboards: form, feasibility, claims, and the layout of every picture.

    All mistakes are reported at once, each with its place and remedy. Draws nothing.
    """
    from pagereel.commands.checking import check_storyboards

    paths = _some(storyboards)
    check_storyboards(paths, set_ or [], "json" if json else "text")


@app.command()
def render(
    storyboards: Storyboards = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every storyboard in storyboards/.")
    ] = False,
    output: Folder = Path("output"),
    quality: QualityChoice = QualityName.SLIDES,
    aspect: AspectChoice = AspectName.WIDE,
    theme: ThemeChoice = ThemeName.DARK,
    speed: Speed = 1.0,
    set_: Set = None,
    jobs: Jobs = None,
    json: Json = False,
) -> None:
    """Render videos: MP4 with captions (.srt, .vtt), poster.png and manifest.json.

    Beats are drawn side by side and kept: a second run draws only what has changed, and an
    interrupted one goes on where it stopped.
    """
    from pagereel.commands.rendering import render_storyboards
    from pagereel.settings import Settings

    paths = sorted(Path("storyboards").glob("[0-9]*.yaml")) if everything else _some(storyboards)
    if not paths:
        raise InputWrong("no storyboards in storyboards/; run this in the project's folder")
    settings = Settings(quality.value, aspect.value, theme.value, speed)
    render_storyboards(paths, set_ or [], settings, output, jobs, "json" if json else "text")


@app.command()
def frames(
    storyboards: Storyboards = None,
    output: Folder = Path("output"),
    steps: Annotated[
        bool, typer.Option("--steps", help="One PNG a step, not only one a beat.")
    ] = False,
    transparent: Annotated[
        bool, typer.Option("--transparent", help="Leave the background out.")
    ] = False,
    size: Annotated[
        str, typer.Option("--size", metavar="WxH", help="Up to 4K: 3840x2160, or just 2160.")
    ] = "1920x1080",
    aspect: AspectChoice = AspectName.WIDE,
    theme: ThemeChoice = ThemeName.DARK,
    set_: Set = None,
    jobs: Jobs = None,
    json: Json = False,
) -> None:
    """Write slide-ready PNGs, one a beat, with an index.json of titles, captions and alt texts."""
    from pagereel.commands.framing import frame_height, write_storyboard_frames
    from pagereel.frames import FrameOptions
    from pagereel.settings import Settings

    settings = Settings(aspect=aspect.value, theme=theme.value)
    height = frame_height(size, settings)
    options = FrameOptions(height, 0.0 if transparent else 1.0, "step" if steps else "beat")
    form = "json" if json else "text"
    write_storyboard_frames(_some(storyboards), set_ or [], settings, options, output, jobs, form)


@app.command()
def trace(
    storyboard: OneStoryboard,
    text: Annotated[
        bool, typer.Option("--text", help="Fixed-width frames for people, not JSON lines.")
    ] = False,
    set_: Set = None,
) -> None:
    """Print the timeline: every step's exact state, one JSON document a line."""
    from pagereel.commands.tracing import print_trace

    print_trace(storyboard, set_ or [], "text" if text else "json")


app.command()(replay)


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the file, without .yaml.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder of the new file.")
    ] = Path("storyboards"),
) -> None:
    """Write a commented storyboard to start from. Never overwrites."""
    from pagereel.commands.starting import new_storyboard

    new_storyboard(name, output)


@app.command()
def schema(
    record: Annotated[bool, typer.Option("--record", help="That of measurement records.")] = False,
) -> None:
    """Print the JSON Schema of storyboards, for editors."""
    if record:
        from measurements.record import schema as record_schema

        typer.echo(record_schema())
        return
    from pagereel.read import schema_json

    typer.echo(schema_json().rstrip("\n"))


app.add_typer(measured)


def _some(storyboards: list[Path] | None) -> list[Path]:
    """The files that were named. Naming none is a wrong call."""
    if not storyboards:
        raise typer.BadParameter("name at least one storyboard file", param_hint="STORYBOARD")
    return storyboards


INTERRUPTED = 130
"""How Typer ends when it is interrupted, as shells do: 128 and the number of the signal."""


def main() -> None:
    """Run the command; every expected failure is one clear message and its own exit code."""
    try:
        app()
    except InputWrong as wrong:
        print(wrong, file=sys.stderr)
        sys.exit(1)
    except MachineFailed as failed:
        print(f"pagereel: {failed}", file=sys.stderr)
        sys.exit(3)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            print(
                "pagereel: interrupted; finished beats are kept for the next run", file=sys.stderr
            )
        raise
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
