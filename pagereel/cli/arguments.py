"""Arguments and options that commands share: their types, and what `--help` says of them.

What can be chosen is read from the tables that know it, and a default from the value that has it:
neither is typed here again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from pagereel.model.core.quoting import shown
from pagereel.model.sizing.parallel import KV_DTYPES
from pagereel.render.settings import FASTEST, QUALITIES, SLOWEST, SPEEDS, Settings
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.style import THEMES

USUAL = Settings()
"""How things look where nothing else is chosen."""
OUTPUT = Path("output")
"""The folder that files go to where no other is named."""


def choice(flag: str, names: Iterable[str], told: str) -> Any:  # noqa: ANN401  # as Typer's own
    """An option that takes one of these names; the shell completes them."""
    known = tuple(names)
    words = f"<{'|'.join(known)}>"
    return typer.Option(
        flag, parser=_one_of(known), autocompletion=lambda: known, metavar=words, help=told
    )


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def chosen(given: str) -> str:
        if given not in known:
            raise typer.BadParameter(f"{shown(given)} is none of {', '.join(known)}")
        return given

    return chosen


def _qualities() -> str:
    sizes = [f"{quality.height}p{quality.rate}" for quality in QUALITIES.values()]
    return f"{', '.join(sizes[:-1])} or {sizes[-1]}."


Storyboards = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="STORYBOARD...", help="Storyboard files (YAML), or names that `list` shows."
    ),
]
Everything = Annotated[
    bool,
    typer.Option("--all", help="Every numbered storyboard in storyboards/, else pagereel's own."),
]
OneStoryboard = Annotated[
    Path,
    typer.Argument(metavar="STORYBOARD", help="A storyboard file, or a name that `list` shows."),
]
Folder = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where files go.")]
Quality = Annotated[str, choice("--quality", QUALITIES, _qualities())]
Aspect = Annotated[str, choice("--aspect", CANVASES, "Shape of the frame.")]
Theme = Annotated[str, choice("--theme", THEMES, "Colours.")]
Speed = Annotated[
    float,
    typer.Option("--speed", min=SPEEDS[0], max=SPEEDS[1], help="2 plays everything twice as fast."),
]
Duration = Annotated[
    float | None,
    typer.Option(
        "--duration",
        metavar="SECONDS",
        help="Make the film so long: its rests change first, and then its motions, from "
        f"{SLOWEST:g} to {FASTEST:g} times their speed. What is read, asked or said keeps the "
        "time that it needs; a length that cannot be is refused with a reason.",
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override a setting: block_size=8, or requests.A.prompt='Hello world'. Repeatable.",
    ),
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", min=1, max=256, help="Drawing processes.  [default: cores]")
]
Beats = Annotated[
    str | None, typer.Option("--beats", metavar="N-M", help="Only these beats: 3-5, or 4.")
]
Author = Annotated[str, typer.Option("--author", help="Whose name the file carries.")]
Date = Annotated[
    str,
    typer.Option("--date", metavar="YYYY-MM-DD", help="[default: $SOURCE_DATE_EPOCH, or none]"),
]
KvDtype = Annotated[
    str | None,
    choice(
        "--kv-dtype",
        KV_DTYPES,
        "Elements of K and V; fp8_per_token_head keeps a scale for each head and token besides.  "
        "[default: the model's]",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for machines.")]
