"""`pagereel preview`: a storyboard in the page's own player, while it is written."""

from __future__ import annotations

import tempfile
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from pagereel.cli.arguments import USUAL, Aspect, OneStoryboard, Set, Theme
from pagereel.errors import InputWrong
from pagereel.packaged import storyboard_file
from pagereel.render.settings import Settings


def preview(
    storyboard: OneStoryboard,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 takes any that is free.")
    ] = 8765,
    browse: Annotated[bool, typer.Option("--open", help="Send the browser there.")] = False,
    aspect: Aspect = USUAL.aspect,
    theme: Theme = USUAL.theme,
    set_: Set = None,
) -> None:
    """Show the story in the browser the moment the file is saved. Needs the extra `studio`.

    The page's own player shows it: step forward and back, at any speed, with everything explained.
    What is wrong with the file is said over the picture, in the words of `check`.
    """
    if any(find_spec(name) is None for name in ("starlette", "uvicorn", "watchfiles")):
        raise InputWrong("the preview needs an extra: pip install 'pagereel[studio]'")
    path = storyboard_file(storyboard)
    if not path.is_file():
        missing = "there is no such file; `pagereel new` writes one"
        raise InputWrong(f"{path}: {'it is no file' if path.exists() else missing}")
    from pagereel.page.built import player
    from pagereel.preview.server import serve
    from pagereel.preview.studio import Studio

    player()  # without it there is nothing to show anything
    studio = Studio(path, tuple(set_ or ()), Settings(aspect=aspect, theme=theme))
    studio.load()
    with tempfile.TemporaryDirectory(prefix="pagereel-") as folder:
        door = Path(folder, "preview.html") if browse else None
        serve(studio, port, lambda address: _open(address, door))


def _open(address: str, door: Path | None) -> None:
    """Say where the preview is, and send the browser there through a page of its own.

    Everybody on this machine sees what a browser is started with; that page only its owner.
    """
    print(address, flush=True)
    if door:
        door.write_text(f'<meta http-equiv="refresh" content="0; url={address}">', "utf-8")
        webbrowser.open(door.as_uri())
