"""The page that compares what is sized here with what real vLLM printed when it started."""

from __future__ import annotations

from pagereel.documents.markdown import code, page, table
from pagereel.sizing.logs import GIB, Check, checks, logged_starts, overheads


def logs_page() -> str:
    """Every printed number beside ours, and how far they are apart."""
    found = checks()
    equal = sum(check.error_percent == 0 for check in found)
    starts = logged_starts()
    unseen = sum(not start.seen for start in starts)
    over = overheads().range
    sizes = [f"{size / GIB:.2f}" for size in (over.low, over.usual, over.high)]
    return page(
        "What vLLM logged",
        "What real vLLM printed when it started, from public logs, beside what `pagereel size` "
        "says for the same memory. A log prints memory to 0.01 GiB; where ours is another number "
        "for no other reason, the error is 0. *unseen* marks logs that were found after the sizing "
        "was written.",
        f"{len(starts)} logs, {unseen} of them unseen; {len(found)} numbers, {equal} equal.",
        table(
            ["public log", "vLLM", "", "model", "for tokens", "number", "logged", "ours", "error"],
            [_row(check) for check in found],
        ),
        "Where GPUs share a model, each prints its own memory and the one that has least decides. "
        "These logs quote one of them; so ours is more, by as much as the other one lacked.",
        "Besides, for random mixes of layers, GPUs and settings, the pools of blocks equal those "
        "of vLLM 0.32's own functions in 2,000 of 2,000 (`make conformance-sizes`).",
        "## What only profiling knows",
        f"Activations, CUDA graphs and libraries took {sizes[0]} to {sizes[2]} GiB in the public "
        f"logs that print all sizes, {sizes[1]} GiB in their median. That is what `pagereel size` "
        "assumes unless `--overhead` says better.",
    )


def _row(check: Check) -> list[str]:
    start = check.start
    seen = "" if start.seen else "unseen, "
    ways = f" on {start.tensor} GPUs" if start.tensor > 1 else ""
    kept = f", {start.dtype} K/V" if start.dtype != "bfloat16" else ""
    return [
        start.source,
        start.version,
        f"{seen}{start.said}",
        f"{code(start.model)}{ways}{kept}",
        f"{start.max_model_len:,}",
        check.what,
        _number(check.logged),
        _number(check.ours),
        f"{check.error_percent:+.1f} %" if check.error_percent else "0",
    ]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.2f}"
