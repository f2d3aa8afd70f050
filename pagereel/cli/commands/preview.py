"""`pagereel preview`: a storyboard's pictures in the browser, while it is written."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from pagereel.errors import InputWrong
from pagereel.render.settings import Settings


def preview_storyboard(
    path: Path,
    overrides: Sequence[str],
    settings: Settings,
    port: int,
    arrived: Callable[[str], None],
) -> None:
    """Serve the preview until interrupted. Raises `InputWrong` where the extra is missing."""
    if any(find_spec(name) is None for name in ("starlette", "uvicorn", "watchfiles")):
        raise InputWrong("the preview needs an extra: pip install 'pagereel[studio]'")
    if not path.is_file():
        raise InputWrong(f"{path}: there is no such file; `pagereel new` writes one")
    from pagereel.preview.server import serve
    from pagereel.preview.studio import Studio

    studio = Studio(path, tuple(overrides), settings)
    studio.load()
    serve(studio, port, arrived)


def said(address: str) -> None:
    """Say where the preview is."""
    print(address, flush=True)


def opened(address: str) -> None:
    """Say where the preview is, and send the browser there."""
    said(address)
    webbrowser.open(address)
