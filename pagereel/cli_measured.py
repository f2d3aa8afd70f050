"""The commands about measuring: what `measure` and `charts` take. Part of `pagereel.cli.app`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pagereel.cli.arguments import ThemeName

measured = typer.Typer()


class PresetName(StrEnum):
    """Plans of `measure`; `measurements.protocol.plan.PRESETS` says what is in each."""

    QUICK = "quick"
    FULL = "full"
    EIGHT_B = "8b"
    CPU = "cpu"


@measured.command()
def measure(
    records: Annotated[
        list[Path] | None, typer.Argument(metavar="[RECORD...]", help="Records, for --validate.")
    ] = None,
    preset: Annotated[
        PresetName | None,
        typer.Option("--preset", help="What to run.  [default: full on a GPU, cpu without]"),
    ] = None,
    only: Annotated[
        str, typer.Option("--only", metavar="PART", help="Only cells with PART in their names.")
    ] = "",
    limit: Annotated[
        float | None,
        typer.Option("--limit", metavar="MINUTES", min=1, help="Begin no cell after that."),
    ] = None,
    gpu: Annotated[int, typer.Option("--gpu", min=0, help="Which GPU, of several.")] = 0,
    python: Annotated[
        Path | None,
        typer.Option(
            "--python",
            metavar="PYTHON",
            help="A Python with the engines.  [default: .venv-measure, or this one]",
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where the record goes.")
    ] = Path("measurements/results"),
    work: Annotated[
        Path, typer.Option("--work", metavar="DIR", help="Finished cells, logs and weights.")
    ] = Path("output/measure"),
    check_only: Annotated[
        bool, typer.Option("--check", help="Say what there is and what would run; run nothing.")
    ] = False,
    validate: Annotated[
        bool, typer.Option("--validate", help="Compute everything in RECORD... again.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Print every GPU's memory live.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Measure on this machine: transformers' caches and vLLM under one budget of K/V memory.

    Each method runs in a process of its own. An interrupted run goes on where it stopped.
    """
    from pagereel.cli.commands import measure as measuring

    form = "json" if json else "text"
    if validate:
        if not records:
            raise typer.BadParameter("name at least one record", param_hint="RECORD")
        measuring.validate(records, form)
        return
    if records:
        raise typer.BadParameter("records are for --validate", param_hint="RECORD")
    if watch:
        measuring.watch()
        return
    wishes = measuring.Wishes(
        preset.value if preset else None, only, limit, gpu, python, output, work
    )
    (measuring.check_machine if check_only else measuring.measure)(wishes, form)


@measured.command()
def bundle(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="Where the parts go.")],
    python: Annotated[
        Path | None,
        typer.Option(
            "--python", metavar="PYTHON", help="One of the host's version.  [default: this one]"
        ),
    ] = None,
    part: Annotated[
        int, typer.Option("--part", metavar="MIB", min=1, help="Largest size of a part, in MiB.")
    ] = 1024,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without", metavar="PACKAGE", help="What the host has already: torch, 'nvidia-*'."
        ),
    ] = None,
    wheels: Annotated[
        Path | None,
        typer.Option("--wheels", metavar="DIR", help="A folder that has the wheels already."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Pack vLLM and transformers for a GPU host that has no network.

    Carry DIR there, all but its folder `wheels`, and run `python3 unpack.py`.
    """
    import sys

    from pagereel.cli.commands.bundle import write_bundle
    from pagereel.measurements.bundle.make import Wishes

    asked = python or Path(sys.executable)
    wishes = Wishes(target, asked, part, tuple(without or ()), wheels)
    write_bundle(wishes, "json" if json else "text")


@measured.command()
def charts(
    record: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RECORD]",
            help="A record, or a folder of them.  [default: the newest of measurements/results]",
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where files go.")
    ] = Path("output/charts"),
    size: Annotated[
        str, typer.Option("--size", metavar="WxH", help="Up to 4K: 3840x2160, or just 2160.")
    ] = "1920x1080",
    clip: Annotated[bool, typer.Option("--clip", help="One MP4 a workload as well.")] = False,
    theme: Annotated[ThemeName, typer.Option("--theme", help="Colours.")] = ThemeName.DARK,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, max=256, help="Drawing processes.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Write the charts of a measurement record as PNG, each labelled with its machine."""
    from pagereel.cli.commands.charts import write_charts
    from pagereel.cli.commands.frames import frame_height
    from pagereel.render.settings import Settings
    from pagereel.render.workers import default_jobs

    settings = Settings(theme=theme.value)
    height = frame_height(size, settings)
    forms = ("clip" if clip else "png", "json" if json else "text")
    write_charts(record, settings, height, output, jobs or default_jobs(), forms)
