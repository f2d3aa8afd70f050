"""The command line: knows the commands. What they raise is `pagereel.cli.boundary`'s.

A command is imported when it is named, and what is heavy when the command needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pagereel import __version__

COMMANDS = (
    *("list", "new", "check", "preview", "render", "frames", "deck", "page", "diff", "verify"),
    *("trace", "replay", "size", "measure", "charts", "record", "why", "bundle", "cache", "schema"),
)
"""In the order of `--help`. Each has a file in `pagereel.cli.commands`, of its name unless told."""
_CALLED = {"list": "list_storyboards"}
_FILES = {
    **{"trace": "trace_", "replay": "figures.replay", "size": "figures.size"},
    **{name: f"pages.{name}" for name in ("preview", "page", "diff")},
    **{name: f"watching.{name}" for name in ("record", "why")},
}
"""What is not called like its command, as a name that Python has, or lies in a room below."""


def command(name: str) -> Callable[..., None]:
    """The function of a command. Raises ImportError."""
    file = import_module(f"pagereel.cli.commands.{_FILES.get(name, name)}")
    found: Callable[..., None] = getattr(file, _CALLED.get(name, name))
    return found


class _Ready(Mapping[str, Any]):
    """The commands as Typer runs them, each made when it is asked for."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # Typer's own, of whatever version
        if name not in COMMANDS:
            raise KeyError(name)
        alone = typer.Typer(**_LOOK, add_completion=False)
        alone.command(name)(command(name))
        return typer.main.get_command(alone)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Commands(TyperGroup):
    """The commands, whose errors Typer does not take for its own: for an input that is over."""

    def __init__(self, **told: Any) -> None:  # noqa: ANN401  # as Typer's own
        super().__init__(**told)
        self.commands = _Ready()  # type: ignore[assignment]  # nobody adds to them

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  # as Typer's own, of whatever version
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except (EOFError, BrokenPipeError) as problem:
            raise RuntimeError(f"{type(problem).__name__} {problem}") from problem


_LOOK: dict[str, Any] = {
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
app = typer.Typer(
    name="pagereel",
    cls=_Commands,
    help="Turn a YAML storyboard into an exact, animated explainer of an LLM's KV cache.",
    no_args_is_help=True,
    **_LOOK,
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
