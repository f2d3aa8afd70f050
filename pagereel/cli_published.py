"""The commands about what videos are not: frames, slides, the preview. Part of the CLI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pagereel.cli.arguments import (
    AspectChoice,
    AspectName,
    Author,
    Beats,
    Date,
    DeckName,
    Everything,
    Folder,
    Jobs,
    Json,
    OneStoryboard,
    QualityChoice,
    QualityName,
    Set,
    SlidesName,
    Speed,
    StillName,
    Storyboards,
    TextName,
    ThemeChoice,
    ThemeName,
    Voice,
    course,
    some,
)

published = typer.Typer()


@published.command()
def frames(
    storyboards: Storyboards = None,
    everything: Everything = False,
    output: Folder = Path("output"),
    steps: Annotated[
        bool, typer.Option("--steps", help="One frame a step, not only one a beat.")
    ] = False,
    transparent: Annotated[
        bool, typer.Option("--transparent", help="Leave the background out.")
    ] = False,
    sheet: Annotated[
        bool,
        typer.Option(
            "--sheet",
            help="All frames of a storyboard numbered on one PNG instead, DIR/NAME.png, to look "
            "at everything at once; each half as large as in the video, or by --size.",
        ),
    ] = False,
    size: Annotated[
        str | None,
        typer.Option(
            "--size",
            metavar="WxH",
            help="Up to 4K: 3840x2160, or just 2160.  [default: the video's, as 1920x1080]",
        ),
    ] = None,
    at_2x: Annotated[
        bool, typer.Option("--at-2x", help="Each PNG also with twice the rows, as 01@2x.png.")
    ] = False,
    form: Annotated[StillName, typer.Option("--format", help="Pixels or vectors.")] = StillName.PNG,
    text: Annotated[
        TextName,
        typer.Option(
            "--text",
            help="In SVG: embed keeps text as text and brings the fonts; outline draws it.",
        ),
    ] = TextName.EMBED,
    aspect: AspectChoice = AspectName.WIDE,
    theme: ThemeChoice = ThemeName.DARK,
    set_: Set = None,
    jobs: Jobs = None,
    json: Json = False,
) -> None:
    """Write slide-ready PNGs or SVGs, one a beat, with an index.json of captions and alt texts."""
    from pagereel.cli.commands.frames import (
        frame_height,
        refuse_for_sheets,
        write_storyboard_frames,
        write_storyboard_sheets,
    )
    from pagereel.outputs.frames import FrameOptions
    from pagereel.render.settings import Settings

    settings = Settings(aspect=aspect.value, theme=theme.value)
    height = frame_height(size, settings, 0.5 if sheet else 1.0)
    options = FrameOptions(
        height,
        0.0 if transparent else 1.0,
        "step" if steps else "beat",
        (1, 2) if at_2x else (1,),
        form.value,
        text.value,
    )
    if sheet:
        refuse_for_sheets(options)
    printed = "json" if json else "text"
    paths = course() if everything else some(storyboards)
    write = write_storyboard_sheets if sheet else write_storyboard_frames
    write(paths, set_ or [], settings, options, output, jobs, printed)


@published.command()
def deck(
    storyboards: Storyboards = None,
    output: Folder = Path("output"),
    kind: Annotated[
        DeckName, typer.Option("--format", help="PowerPoint with the clips in it, PDF, or both.")
    ] = DeckName.BOTH,
    slides: Annotated[
        SlidesName, typer.Option("--slides", help="Shape of the slides; pictures stay whole.")
    ] = SlidesName.WIDE,
    quality: QualityChoice = QualityName.SLIDES,
    aspect: AspectChoice = AspectName.WIDE,
    theme: ThemeChoice = ThemeName.DARK,
    speed: Speed = 1.0,
    beats: Beats = None,
    voice: Voice = None,
    author: Author = "",
    date: Date = "",
    set_: Set = None,
    jobs: Jobs = None,
    json: Json = False,
) -> None:
    """Write slides: one a beat, with its clip set to play, notes and alt texts; and a PDF."""
    from pagereel.cli.commands.deck import write_decks
    from pagereel.cli.commands.render import edition
    from pagereel.outputs.deck import DeckOptions
    from pagereel.render.settings import Settings

    settings = Settings(quality.value, aspect.value, theme.value, speed)
    options = DeckOptions(tuple(kind.value.split("+")), slides.value)
    chosen, paths = edition(beats, voice, author, date, settings), some(storyboards)
    printed = "json" if json else "text"
    write_decks(paths, set_ or [], settings, options, chosen, output, jobs, printed)


@published.command()
def verify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Videos, slides, frames.")],
    storyboard: Annotated[
        Path | None,
        typer.Option("--storyboard", help="Where its storyboard is, if not in storyboards/."),
    ] = None,
    json: Json = False,
) -> None:
    """Tell whether outputs are still what their storyboards say, from the manifests beside them."""
    from pagereel.cli.commands.verify import verify_files

    verify_files(files, storyboard, "json" if json else "text")


@published.command()
def preview(
    storyboard: OneStoryboard,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 takes any that is free.")
    ] = 8765,
    browse: Annotated[bool, typer.Option("--open", help="Send the browser there.")] = False,
    aspect: AspectChoice = AspectName.WIDE,
    theme: ThemeChoice = ThemeName.DARK,
    set_: Set = None,
) -> None:
    """Show the pictures in the browser the moment the file is saved. Needs the extra `studio`."""
    from pagereel.cli.commands.preview import opened, preview_storyboard, said
    from pagereel.render.settings import Settings

    settings = Settings(aspect=aspect.value, theme=theme.value)
    arrived = opened if browse else said
    preview_storyboard(storyboard, set_ or [], settings, port, arrived)
