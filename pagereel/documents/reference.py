"""The reference in docs/reference: each page made from what the code itself holds to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pagereel.documents.commands import commands_page
from pagereel.documents.language import storyboard_page
from pagereel.documents.markdown import page, table
from pagereel.documents.sizes import logs_page
from pagereel.documents.vocabulary import (
    lanes_page,
    models_page,
    panels_page,
    readings_page,
    verbs_page,
)
from pagereel.storage.outgoing import publishing

PAGES: dict[str, tuple[str, Callable[[], str]]] = {
    "storyboard.md": ("every key of a storyboard file", storyboard_page),
    "lanes.md": ("every kind of lane, and its options", lanes_page),
    "verbs.md": ("what a beat can do", verbs_page),
    "readings.md": ("every number that a caption or a claim can read", readings_page),
    "panels.md": ("cards, panels, formulas, charts and quotes", panels_page),
    "models.md": ("the models whose bytes are counted", models_page),
    "vllm-logs.md": ("what fits on a GPU, beside public logs of real vLLM", logs_page),
    "command-line.md": ("every command, its arguments and options", commands_page),
}
"""Each page: what is on it, and what writes it."""


def reference() -> dict[str, str]:
    """Every page of the reference, by file name."""
    rows = [[f"[{name}]({name})", told] for name, (told, _) in PAGES.items()]
    index = page(
        "Reference",
        "Made from the code, and compared with it by a test. To learn, begin with "
        "[the course](../concepts/README.md) or with "
        "[writing a storyboard](../../storyboards/README.md).",
        table(["page", "what is on it"], rows),
    )
    return {"README.md": index} | {name: write() for name, (_, write) in PAGES.items()}


def write_reference(folder: Path) -> list[Path]:
    """Write every page into the folder."""
    written = reference()
    with publishing(folder) as bench:
        for name, text in written.items():
            (bench / name).write_text(text, encoding="utf-8")
    return [folder / name for name in written]
