"""The command line as a page: every command, its arguments and options, from what Typer is told."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from typer.models import ArgumentInfo, OptionInfo

from pagereel.cli.app import COMMANDS, command
from pagereel.documents.markdown import code, page, sentence, table

EXITS = (
    ("0", "done"),
    ("1", "the input is wrong: a storyboard, a file, a value"),
    ("2", "called wrongly: an option that does not exist, a word that is missing"),
    (
        "3",
        "nothing given is at fault: the machine failed (no room on the disk, no memory, no GPU), "
        "or pagereel itself did",
    ),
    ("129, 130, 143", "ended by a signal: the terminal is gone, Ctrl-C, `kill`"),
)
_VALUES: dict[type, str] = {int: "N", float: "X", str: "TEXT", Path: "PATH"}


@dataclass(frozen=True, slots=True)
class _Parameter:
    """One argument or option as a function declares it."""

    info: ArgumentInfo | OptionInfo
    type: type
    is_list: bool
    default: object


def commands_page() -> str:
    """Every command."""
    found = [(name, command(name)) for name in COMMANDS]
    index = [[f"[{code(name)}](#{name})", _first(run)] for name, run in found]
    return page(
        "The command line",
        "`pagereel COMMAND -h` prints the same. Results go to stdout, progress and mistakes to "
        "stderr. Without an installed package, `.venv/bin/pagereel` is the command, or "
        "`python -m pagereel`.",
        "`pagereel --version` says the version. `pagereel --install-completion` has the shell "
        "complete commands, options and what they can be.",
        table(["command", "what it does"], index),
        "## Exit codes",
        table(["code", "means"], EXITS),
        "Whatever ends a command, stderr has one line of it and no traceback. For a report of a "
        "mistake in pagereel, `pagereel --debug COMMAND ...` keeps the traceback in a file, and "
        "says where. A reader that leaves early (`pagereel trace NAME | head -1`) is no failure.",
        *(_section(name, run) for name, run in found),
    )


def _first(run: Callable[..., object]) -> str:
    return " ".join(_paragraphs(run)[0].split())


def _paragraphs(run: Callable[..., object]) -> list[str]:
    return (inspect.getdoc(run) or "").split("\n\n")


def _section(name: str, run: Callable[..., object]) -> str:
    parameters = list(_parameters(run))
    taken = [p for p in parameters if isinstance(p.info, ArgumentInfo)]
    words = " ".join(["pagereel", name, *(_word(p) for p in taken)])
    rows = [[code(_written(p)), _told(p), _default(p)] for p in parameters]
    told = [" ".join(part.split()) for part in _paragraphs(run)]
    grid = table(["argument or option", "what it does", "default"], rows) if rows else ""
    return "\n\n".join([f"## {name}", f"```\n{words}\n```", *told, *([grid] if grid else [])])


def _parameters(run: Callable[..., object]) -> Iterator[_Parameter]:
    hints = get_type_hints(run, include_extras=True)
    for name, parameter in inspect.signature(run).parameters.items():
        declared, info, *_ = get_args(hints[name])
        kinds = [kind for kind in get_args(declared) or (declared,) if kind is not type(None)]
        is_list = get_origin(declared) is list or any(get_origin(kind) is list for kind in kinds)
        (kind,) = (get_args(kinds[0]) or kinds) if is_list else kinds
        yield _Parameter(info, kind, is_list, parameter.default)


def _word(parameter: _Parameter) -> str:
    return parameter.info.metavar or parameter.type.__name__.upper()


def _written(parameter: _Parameter) -> str:
    """As it is typed: `-o, --output DIR`."""
    info = parameter.info
    if isinstance(info, ArgumentInfo):
        return _word(parameter)
    # In Annotated, Typer's first positional argument, `default`, is the first of the names.
    names = ", ".join([str(info.default), *(info.param_decls or ())])
    if parameter.type is bool:
        return names
    if _choices(parameter):
        return f"{names} NAME"
    return f"{names} {info.metavar or _VALUES.get(parameter.type, 'NAME')}"


def _told(parameter: _Parameter) -> str:
    """Its help, without the default, which has a column of its own; and what it can be."""
    told = [sentence(_help(parameter).partition("[default:")[0].strip())]
    if choices := _choices(parameter):
        told.append(f"One of {', '.join(map(code, choices))}.")
    least, most = parameter.info.min, parameter.info.max
    if least is not None:
        told.append(f"From {least:,}." if most is None else f"{least:,} to {most:,}.")
    return " ".join(part for part in told if part)


def _choices(parameter: _Parameter) -> Iterable[str]:
    """What it can be: what the shell completes."""
    complete = parameter.info.autocompletion
    return complete() if complete else ()


def _help(parameter: _Parameter) -> str:
    return str(parameter.info.help or "")


def _default(parameter: _Parameter) -> str:
    given: Any = parameter.default
    if given is inspect.Parameter.empty:
        return "needed"
    if given is None or given is False or given == "":
        return _help(parameter).partition("[default:")[2].strip().removesuffix("]")
    return code(given)
