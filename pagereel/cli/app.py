"""The command line: collects the commands. What they raise is `pagereel.cli.boundary`'s.

Nothing heavy is imported before a command needs it: `--help` answers at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pagereel import __version__
from pagereel.cli.commands.bundle import bundle
from pagereel.cli.commands.cache import cache
from pagereel.cli.commands.charts import charts
from pagereel.cli.commands.check import check
from pagereel.cli.commands.deck import deck
from pagereel.cli.commands.frames import frames
from pagereel.cli.commands.list import list_storyboards
from pagereel.cli.commands.measure import measure
from pagereel.cli.commands.new import new
from pagereel.cli.commands.page import page
from pagereel.cli.commands.preview import preview
from pagereel.cli.commands.render import render
from pagereel.cli.commands.replay import replay
from pagereel.cli.commands.schema import schema
from pagereel.cli.commands.trace_ import trace
from pagereel.cli.commands.verify import verify


class _Commands(TyperGroup):
    """The commands, whose errors Typer does not take for its own: for an input that is over."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  # as Typer's own, of whatever version
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except (EOFError, BrokenPipeError) as problem:
            raise RuntimeError(f"{type(problem).__name__} {problem}") from problem


app = typer.Typer(
    name="pagereel",
    cls=_Commands,
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
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Say the version."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Keep the traceback of a failure in a file of its own.")
    ] = False,
) -> None:
    """What can be asked of the command itself."""
    if context.obj is not None:
        context.obj.debug = debug


COMMANDS: tuple[Callable[..., None], ...] = (
    *(new, check, preview, render, frames, deck, page, verify, trace, replay),
    *(measure, charts, bundle, cache, schema),
)
"""In the order of `--help`, after `list`."""
app.command("list")(list_storyboards)
for command in COMMANDS:
    app.command()(command)
