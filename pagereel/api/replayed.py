"""Request traffic through allocator lanes, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from pagereel.api.moments import Row
from pagereel.errors import InputWrong
from pagereel.replays.arrange import Replay, arrange, head, head_document
from pagereel.replays.compare import is_trace
from pagereel.replays.report import document, tables
from pagereel.replays.run import ReplayedLane, run
from pagereel.replays.wishes import ReplayWishes

_USUAL = ReplayWishes(Path())


def replay(
    source: str | PathLike[str],
    lanes: Sequence[str] = tuple(_USUAL.kinds),
    model: str | None = _USUAL.model,
    kv_memory: str | None = _USUAL.kv_memory,
    block_size: int | None = _USUAL.block_size,
    max_len: int | None = _USUAL.max_len,
    step_ms: float | None = _USUAL.step_ms,
    limit: int | None = _USUAL.limit,
    options: Mapping[str, object] | None = None,
    until: int | None = _USUAL.until,
    tp: int | None = _USUAL.tensor,
    pp: int | None = _USUAL.pipeline,
    kv_dtype: str | None = _USUAL.kv_dtype,
) -> ReplayResult:
    """Send the requests of a file through lanes, as `pagereel replay` does with these options.

    `source` is an Azure or Mooncake trace or a workload document. `model` is a known name or the
    path of a `config.json`; `tp` GPUs share each of its layers, `pp` stages have some each, and
    `kv_dtype` is what K and V are stored in. `kv_memory` is an amount with its unit, as `"40GiB"`,
    on each GPU; `block_size` and `max_len` are tokens; `limit` takes the first requests alone,
    `until` stops at that step. `options` are engine settings by lane and name, as
    `{"paged/vllm.max_num_seqs": 64}`. None: what the command takes where nothing is said.

    Raises `InputWrong` with all that is wrong, in the words of the command.
    """
    path = Path(source)
    if is_trace(path):
        raise InputWrong(f"{path}: a trace of real vLLM is compared, by `pagereel replay {path}`")
    given = tuple(f"{name}={value}" for name, value in (options or {}).items())
    wishes = ReplayWishes(
        path, ",".join(lanes), model, kv_memory, block_size, max_len, step_ms, limit, given,
        until=until, tensor=tp, pipeline=pp, kv_dtype=kv_dtype,
    )  # fmt: skip
    arranged = arrange(wishes)
    requests, extent = arranged.traffic.requests, arranged.extent
    replayed = tuple(run(lane, requests, lambda done: None, extent) for lane in arranged.lanes)
    return ReplayResult(arranged, replayed)


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What became of the traffic in every lane; `print` shows it as the command's tables.

    Memory is counted in token slots, time in engine steps.
    """

    arranged: Replay
    replayed: tuple[ReplayedLane, ...]

    def sums(self) -> list[Row]:
        """A flat record a lane: its counts, its peaks, and its means over all steps (`mean_...`;
        `occupancy` and `utilisation` are parts of 1). Counts are None where nothing was served."""
        return [
            {
                "lane": lane["lane"],
                "capacity": lane["capacity"],
                "turned_away": len(lane["turned_away"]),
                **(lane["sums"] or {}),
                **{_mean(name): value for name, value in (lane["means"] or {}).items()},
            }
            for lane in self.document()["lanes"]
        ]

    def rows(self) -> list[Row]:
        """The way there, for a data frame: a flat record for each lane and moment of its curve (at
        most 1,024, evenly apart): what the lane held after that step, and its counts up to it.
        `ms` is when, at the assumed length of a step; None where steps were given as steps."""
        step_ms = self.arranged.step_ms
        return [
            {
                "lane": lane["lane"],
                "ms": None if step_ms is None else point["step"] * step_ms,
                **point,
            }
            for lane in self.document()["lanes"]
            for point in lane["curve"]
        ]

    def document(self) -> dict[str, Any]:
        """All of it as plain data, as `pagereel replay --json` prints it, with the whole curve."""
        return head_document(self.arranged) | {"lanes": document(self.replayed, 0)}

    def __repr__(self) -> str:
        traffic, lanes = self.arranged.traffic, ", ".join(lane.kind for lane in self.arranged.lanes)
        return f"<{type(self).__name__}: {len(traffic.requests):,} requests through {lanes}>"

    def __str__(self) -> str:
        points = self.arranged.wishes.points
        told = tables(self.replayed, self.arranged.step_ms, points)
        return f"{head(self.arranged)}\n\n{told}"


def _mean(name: str) -> str:
    return name if name in ("occupancy", "utilisation") else f"mean_{name}"
