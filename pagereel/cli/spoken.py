"""The option of commands that speak. Apart from the others, for voices take long to be known."""

from __future__ import annotations

from typing import Annotated

import typer

from pagereel.render.speech.voices import VOICES


def _voices() -> str:
    return ", ".join(f"{name}:{place}" if place else name for name, (place, _) in VOICES.items())


Voice = Annotated[
    str | None,
    typer.Option("--voice", metavar="VOICE", help=f"Speak the captions: {_voices()}."),
]
