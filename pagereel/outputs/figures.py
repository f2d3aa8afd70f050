"""Pictures of numbers that no storyboard tells: a GPU's budget, a sweep; as SVG or PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pagereel.errors import InputWrong
from pagereel.render.fonts import typefaces
from pagereel.render.settings import Settings
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.charts.gpu import DividedGpu, GpuShare, divided_gpu
from pagereel.scenes.pictures.charts.swept import SweptChart, swept_chart
from pagereel.scenes.shapes.picture import Picture
from pagereel.scenes.style import paint
from pagereel.sizing.report import log_lines, title
from pagereel.sizing.size import Sized
from pagereel.storage.outgoing import publishing_file

KINDS = (".svg", ".png")
"""What a picture's name can end with."""


def draw_budget(sized: Sized, path: Path, theme: str) -> None:
    """Write the picture. Raises `InputWrong`, `MachineFailed`."""
    refuse_kind("--picture", path)
    settings = Settings(theme=theme)
    picture = divided_gpu(divided(sized), settings.canvas, typefaces())
    _write(paint(picture, settings.colours), path, settings.canvas.rows, ())


def draw_sweep(shown: SweptChart, path: Path, theme: str, log: Path) -> None:
    """Write the chart of a sweep of that log. Raises `InputWrong`, `MachineFailed`."""
    settings = Settings(theme=theme)
    picture = swept_chart(shown, settings.canvas, typefaces())
    _write(paint(picture, settings.colours), path, settings.canvas.rows, [log])


def refuse_kind(option: str, path: Path) -> None:
    """Raises `InputWrong` for a picture of no kind that is drawn."""
    if path.suffix.lower() not in KINDS:
        raise InputWrong(f"{option} {path}: its name must end with {' or '.join(KINDS)}")


def _write(picture: Picture, path: Path, rows: int, inputs: Sequence[Path]) -> None:
    """A painted picture as a file, by how its name ends. Raises as `publishing_file` does."""
    faults = lint(picture)
    assert not faults, f"{path}: {faults[0]}"
    with publishing_file(path, inputs) as file:
        if path.suffix.lower() == ".svg":
            from pagereel.render.svg_pens import embedding
            from pagereel.scenes.svg import svg

            file.write(svg(picture, embedding([picture])).encode())
        else:
            from pagereel.render.workers import still_image

            still_image(picture, rows).save(file, format="PNG")


def divided(sized: Sized) -> DividedGpu:
    """What the picture shows. Raises `InputWrong` where no GPU was named or nothing is left."""
    claim = sized.claim
    if claim is None:
        raise InputWrong("--picture: draws a GPU's memory; name one with --gpu or --gpu-memory")
    if sized.available <= 0:
        raise InputWrong("--picture: nothing is left for K/V, so there is no budget to draw")
    alone = claim.card.memory_bytes - claim.claimed
    shares = (
        GpuShare("weights", claim.weights, "weights"),
        GpuShare("activations, graphs, libraries", claim.overhead.usual, "other"),
        GpuShare("K/V pool", sized.available, "pool"),
        GpuShare("left alone", alone, "alone"),
    )
    _, size = log_lines(sized)
    facts = [size + "." if sized.pool.serves_one else "It does not start: one request is too long."]
    if not sized.is_exact:
        low, high = sized.pools[-1], sized.pools[1]
        facts.append(
            f"Estimated: what only profiling knows is assumed. Between {low.tokens:,} and "
            f"{high.tokens:,} tokens, {low.concurrency:.2f}x and {high.concurrency:.2f}x."
        )
    facts.append(f"Memory as printed: {claim.card.source}. Weights: {claim.weights_from}.")
    claimed = f"gpu_memory_utilization {claim.utilization:g}: claimed when the engine starts"
    return DividedGpu(title(sized), shares, claim.claimed, claimed, tuple(facts))
