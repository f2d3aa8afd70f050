"""The command line: collects the commands, and turns what they raise into exit codes.

Nothing heavy is imported before a command needs it: `--help` answers at once.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from pagereel import __version__
from pagereel.cli.commands.bundle import bundle
from pagereel.cli.commands.charts import charts
from pagereel.cli.commands.check import check
from pagereel.cli.commands.deck import deck
from pagereel.cli.commands.frames import frames
from pagereel.cli.commands.list import list_storyboards
from pagereel.cli.commands.measure import measure
from pagereel.cli.commands.new import new
from pagereel.cli.commands.preview import preview
from pagereel.cli.commands.render import render
from pagereel.cli.commands.replay import replay
from pagereel.cli.commands.schema import schema
from pagereel.cli.commands.trace_ import trace
from pagereel.cli.commands.verify import verify
from pagereel.errors import InputWrong, MachineFailed

app = typer.Typer(
    name="pagereel",
    help="Turn a YAML storyboard into an exact, animated explainer of an LLM's KV cache.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"pagereel {__version__}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """What can be asked of the command itself."""


COMMANDS: tuple[Callable[..., None], ...] = (
    *(new, check, preview, render, frames, deck, verify, trace, replay),
    *(measure, charts, bundle, schema),
)
"""In the order of `--help`, after `list`."""
app.command("list")(list_storyboards)
for command in COMMANDS:
    app.command()(command)

INTERRUPTED = 130
"""How Typer ends when it is interrupted, as shells do: 128 and the number of the signal."""
UNCOLLECTED = 50_000
"""New objects after which Python looks for garbage. States and pictures are many, hold no circles,
and stay: looking after every 700 takes a tenth of the time and finds nothing."""


def main() -> None:
    """Run the command; every expected failure is one clear message and its own exit code."""
    gc.set_threshold(UNCOLLECTED)
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
