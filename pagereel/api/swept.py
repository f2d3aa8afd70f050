"""Request traffic through allocator lanes in many settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from os import PathLike
from pathlib import Path

from pagereel.api.moments import Row
from pagereel.replays.sweeps.sweep import plan_sweep, run_sweep
from pagereel.replays.wishes import ReplayWishes

_USUAL = ReplayWishes(Path())


def sweep(
    source: str | PathLike[str],
    over: Mapping[str, Iterable[object]],
    lanes: Sequence[str] = tuple(_USUAL.kinds),
    model: str | None = _USUAL.model,
    kv_memory: str | None = _USUAL.kv_memory,
    limit: int | None = _USUAL.limit,
    options: Mapping[str, object] | None = None,
    executor: Executor | None = None,
) -> list[Row]:
    """Replay a log in every combination of settings, as `pagereel replay --sweep` does.

    `over` has the values of each setting by its name, as `{"kv-memory": ["20GiB", "40GiB"],
    "block-size": [16, 32]}`; an engine setting is called `LANE.NAME`. The rest is as in `replay`.
    Any executor can run the replays: one's own processes, or other machines' that have the log at
    the same path. None: here, one after another.

    Returns a flat record a lane and combination: what was set, and what came of it, in slots,
    tokens, steps and counts. Raises `InputWrong` with all that is wrong.
    """
    given = tuple(f"{name}={value}" for name, value in (options or {}).items())
    texts = [f"{name}={','.join(str(v) for v in values)}" for name, values in over.items()]
    wishes = ReplayWishes(
        Path(source), ",".join(lanes), model, kv_memory, limit=limit, options=given
    )
    return list(run_sweep(plan_sweep(wishes, texts), executor))
