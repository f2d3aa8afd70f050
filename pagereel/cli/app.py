"""The command line: what each command takes, and what it prints. The work is done elsewhere.

Nothing heavy is imported before a command needs it: `--help` answers at once, and `check` draws
nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pagereel.cli.arguments import (
    AspectChoice,
    AspectName,
    AspectsName,
    Author,
    Beats,
    CaptionsName,
    Date,
    Everything,
    Folder,
    FormatName,
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
    ThemesName,
    Voice,
    course,
    some,
)
from pagereel.cli_measured import measured
from pagereel.cli_published import published
from pagereel.cli_replayed import replay
from pagereel.errors import InputWrong, MachineFailed

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
    from pagereel.cli.commands.list import list_storyboards

    list_storyboards(folder, "json" if json else "text")


@app.command()
def check(
    storyboards: Storyboards = None,
    everything: Everything = False,
    aspect: Annotated[
        AspectsName, typer.Option("--aspect", help="Shape of the frames that are looked at.")
    ] = AspectsName.ALL,
    theme: Annotated[
        ThemesName, typer.Option("--theme", help="Colours that are looked at.")
    ] = ThemesName.ALL,
    set_: Set = None,
    json: Json = False,
) -> None:
    """Check storyboards: form, feasibility, claims, and the layout of every picture.

    All mistakes are reported at once, each with its place and remedy. Draws nothing.
    """
    from pagereel.cli.commands.check import check_storyboards

    paths = course() if everything else some(storyboards)
    check_storyboards(paths, set_ or [], "json" if json else "text", aspect.value, theme.value)


@app.command()
def render(
    storyboards: Storyboards = None,
    everything: Everything = False,
    output: Folder = Path("output"),
    quality: QualityChoice = QualityName.SLIDES,
    aspect: AspectChoice = AspectName.WIDE,
    theme: ThemeChoice = ThemeName.DARK,
    speed: Speed = 1.0,
    form: Annotated[
        FormatName,
        typer.Option(
            "--format",
            help="mp4; gif, 800 px and small; webm or mov (ProRes 4444) with a clear background.",
        ),
    ] = FormatName.MP4,
    captions: Annotated[
        CaptionsName,
        typer.Option(
            "--captions",
            help="burn: in the picture, and in a track that is off; track: only in a track that "
            "is on; none: neither. The .srt and .vtt files are written always.",
        ),
    ] = CaptionsName.BURN,
    beats: Beats = None,
    voice: Voice = None,
    author: Author = "",
    date: Date = "",
    set_: Set = None,
    jobs: Jobs = None,
    json: Json = False,
) -> None:
    """Render videos: MP4 with chapters, captions (.srt, .vtt), poster.png and manifest.json.

    Beats are drawn side by side and kept: a second run draws only what has changed, and an
    interrupted one goes on where it stopped.
    """
    from pagereel.cli.commands.render import edition, render_storyboards
    from pagereel.render.settings import Settings

    paths = course() if everything else some(storyboards)
    settings = Settings(quality.value, aspect.value, theme.value, speed, form.value, captions.value)
    chosen = edition(beats, voice, author, date, settings)
    printed = "json" if json else "text"
    render_storyboards(paths, set_ or [], settings, chosen, output, jobs, printed)


@app.command()
def trace(
    storyboard: OneStoryboard,
    text: Annotated[
        bool, typer.Option("--text", help="Fixed-width frames for people, not JSON lines.")
    ] = False,
    set_: Set = None,
) -> None:
    """Print the timeline: every step's exact state, one JSON document a line."""
    from pagereel.cli.commands.trace_ import print_trace

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
    from pagereel.cli.commands.new import new_storyboard

    new_storyboard(name, output)


@app.command()
def schema(
    record: Annotated[bool, typer.Option("--record", help="That of measurement records.")] = False,
) -> None:
    """Print the JSON Schema of storyboards, for editors."""
    if record:
        from pagereel.measurements.records.record import schema as record_schema

        typer.echo(record_schema())
        return
    from pagereel.read import schema_json

    typer.echo(schema_json().rstrip("\n"))


app.add_typer(published)
app.add_typer(measured)


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
