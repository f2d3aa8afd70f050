"""A replay before it runs: traffic, memory and lanes from what was asked for, and their words."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from pagereel.errors import InputWrong
from pagereel.model.allocators.kinds import KINDS
from pagereel.model.allocators.vllm.kind import VLLM
from pagereel.model.core.lane import TooLarge
from pagereel.model.core.quoting import shown
from pagereel.model.recording.keeper import Stretch
from pagereel.model.recording.line import LONGEST, is_line
from pagereel.model.replay.driver import NEVER
from pagereel.model.sizing.parallel import Parallel
from pagereel.model.traces.documents import settings
from pagereel.model.traces.playing import trace_of
from pagereel.replays.logs import LogWishes
from pagereel.replays.memory import Memory, read_memory
from pagereel.replays.plan import (
    PlannedLane,
    covering,
    longest_that_fits,
    plan_on_config,
    plan_on_memory,
)
from pagereel.replays.recordings import log_of, parse_stretch, write_recording
from pagereel.replays.run import Extent, ReplayedLane
from pagereel.replays.wishes import BLOCK_SIZE, KV_MEMORY, MODEL, STRETCH, ReplayWishes
from pagereel.replays.workloads import Traffic, TrafficFormat, read_traffic
from pagereel.storage.outgoing import publishing_file, refuse


@dataclass(frozen=True, slots=True)
class Replay:
    """Everything that a replay runs on."""

    wishes: ReplayWishes
    traffic: Traffic
    lanes: tuple[PlannedLane, ...]
    memory: Memory | None
    """None: the workload document's config rules."""
    max_len: int
    """Tokens of the longest request, prompt and output."""
    extent: Extent

    @property
    def step_ms(self) -> float | None:
        """What a step counts for; None where steps were given as steps."""
        return self.wishes.step_length_ms if self.memory else None


def traffic_of(wishes: ReplayWishes) -> Traffic:
    """Read the traffic. Raises `InputWrong`."""
    log = LogWishes(wishes.columns, wishes.rate, wishes.tokenizer)
    return read_traffic(wishes.path, wishes.step_length_ms, wishes.limit, log)


def arrange(wishes: ReplayWishes, given: Traffic | None = None) -> Replay:
    """Plan the lanes for the traffic: what is given, or else read.

    Raises `InputWrong` with all that is wrong; `MachineFailed` where nothing can be written.
    """
    _refuse_targets(wishes)
    extent = Extent(wishes.until or NEVER, _stretch(wishes))
    traffic = given or traffic_of(wishes)
    if traffic.workload:
        _refuse_what_the_file_rules(wishes)
        config = traffic.workload.config
        if wishes.record and config.kv_cache_groups:
            kept = "a recording keeps one table a request, and the config has kv_cache_groups"
            raise InputWrong(f"--record: {kept}; --states has them all")
        max_len = covering(min(config.length_limit, config.capacity + 1), config.block_size)
        lanes = plan_on_config(wishes.kinds, config, max_len)
        return Replay(wishes, traffic, tuple(lanes), None, max_len, extent)
    memory = read_memory(
        wishes.model or MODEL,
        wishes.kv_memory or KV_MEMORY,
        wishes.block_size or BLOCK_SIZE,
        Parallel(wishes.tensor or 1, wishes.pipeline or 1),
        wishes.kv_dtype,
    )
    fitting = longest_that_fits(traffic.requests, memory.slots)
    max_len = wishes.max_len or covering(fitting, memory.block_size)
    lanes = plan_on_memory(wishes.kinds, wishes.options, memory, max_len)
    if wishes.states:
        workload = TrafficFormat.WORKLOAD
        raise InputWrong(f"--states: {wishes.path} names no tokens; take a {workload}")
    return Replay(wishes, traffic, tuple(lanes), memory, max_len, extent)


def _refuse_targets(wishes: ReplayWishes) -> None:
    """Before the work, not after it."""
    targets = [path for path in (wishes.states, wishes.record) if path]
    for path in targets:
        refuse(path, [wishes.path])
    if len({path.absolute() for path in targets}) < len(targets):
        raise InputWrong(f"--record: {wishes.record} is where --states goes; name another file")


def _stretch(wishes: ReplayWishes) -> Stretch | None:
    """What to keep for a recording; None if none is asked for."""
    given = [name for name in ("stretch", "cite") if getattr(wishes, name) is not None]
    if wishes.record is None:
        if given:
            raise InputWrong(f"--{given[0]}: says how to record; name a file with --record")
        return None
    if wishes.cite and not is_line(wishes.cite):
        told = f"write one line of at most {LONGEST} characters, in UTF-8"
        raise InputWrong(f"--cite {shown(wishes.cite)}: {told}")
    return parse_stretch(wishes.stretch or STRETCH)


def _refuse_what_the_file_rules(wishes: ReplayWishes) -> None:
    """A workload document says itself what engine it is for."""
    given = {
        "--model": wishes.model,
        "--kv-memory": wishes.kv_memory,
        "--block-size": wishes.block_size,
        "--max-len": wishes.max_len,
        "--tp": wishes.tensor,
        "--pp": wishes.pipeline,
        "--kv-dtype": wishes.kv_dtype,
        "--step-ms": wishes.step_ms,
        "--option": wishes.options or None,
        "--columns": wishes.columns,
        "--rate": wishes.rate,
        "--tokenizer": wishes.tokenizer,
    }
    wrong = [
        f"{name}: {wishes.path} has a config of its own, which rules; change it there"
        for name, value in given.items()
        if value is not None
    ]
    if wishes.states and "paged/vllm" not in wishes.kinds:
        wrong.append("--states: writes the states of paged/vllm; name it in --lanes")
    if wrong:
        raise InputWrong("\n".join(wrong))


def head(replay: Replay) -> str:
    """What is replayed, the arithmetic of its memory, and the settings of the lanes."""
    traffic = replay.traffic
    form = traffic.title or traffic.format
    lines = [f"{traffic.name}: {form}, {len(traffic.requests):,} requests"]
    if traffic.left_out:
        lines.append(f"{traffic.left_out:,} without an answer are left out")
    if traffic.evenly:
        lines.append(
            f"They come evenly, {traffic.evenly:g} a second (--rate): it is not in the log"
        )
    lines += _config(traffic) if replay.memory is None else _arithmetic(replay, replay.memory)
    return "\n".join([*lines, *(_settings(lane) for lane in replay.lanes if lane.settings)])


def _config(traffic: Traffic) -> list[str]:
    assert traffic.workload
    config = traffic.workload.config
    return [
        f"config: {config.num_blocks - 1:,} blocks of {config.block_size} "
        f"= {config.capacity:,} slots, and the null block"
    ]


def _arithmetic(replay: Replay, memory: Memory) -> list[str]:
    why = "as given" if replay.wishes.max_len else "covers the longest request that fits"
    return [
        *memory.arithmetic(),
        f"K/V memory: {memory.byte_count:,} bytes = {memory.slots:,} slots "
        f"= {memory.blocks:,} blocks of {memory.block_size}",
        f"max_len {replay.max_len:,} tokens: {why}",
        f"A step counts as {replay.step_ms:g} ms: an assumption (--step-ms), nothing was measured",
    ]


def _settings(lane: PlannedLane) -> str:
    chosen = [f"{name} {value}" for name, value in lane.settings]
    if KINDS[lane.kind].null_blocks:
        chosen.append("one block is the null block")
    text = f"{lane.kind}: {', '.join(chosen)}"
    return textwrap.fill(text, 98, subsequent_indent="  ", break_on_hyphens=False)


def head_document(replay: Replay) -> dict[str, Any]:
    """The same as plain data, in bytes, tokens and counts."""
    traffic, memory = replay.traffic, replay.memory
    about = {
        "name": traffic.name,
        "format": traffic.format.name.lower(),
        "kind": traffic.title or str(traffic.format),
        "left_out": traffic.left_out,
        "evenly": traffic.evenly,
        "requests": len(traffic.requests),
    }
    held: dict[str, Any] = {"model": None}  # the rest is the config's business
    if memory:
        held = {
            "model": memory.model.name,
            "tensor_parallel": memory.parallel.tensor,
            "pipeline_parallel": memory.parallel.pipeline,
            "dtype": memory.dtype,
            "bytes": memory.byte_count,
            "bytes_per_token": memory.token_bytes,
            "slots": memory.slots,
            "block_size": memory.block_size,
            "blocks": memory.blocks,
        }
    held["max_len"] = replay.max_len
    return {"workload": about, "memory": held, "step_ms": replay.step_ms}


def write_files(replay: Replay, lanes: Sequence[ReplayedLane]) -> None:
    """Write the states and the recording that were wished for; each is whole, or not there."""
    wishes, stretch = replay.wishes, replay.extent.stretch
    if wishes.states:
        _refuse_states_of_others(lanes)
        _write_states(replay, wishes.states)
    if wishes.record and stretch:
        requests = replay.traffic.requests
        log = log_of(wishes.path, wishes.cite or "", len(requests), replay.step_ms)
        model = replay.memory.model.name if replay.memory else ""
        write_recording(wishes.record, wishes.path, log, model, stretch, requests, lanes)


def _refuse_states_of_others(lanes: Sequence[ReplayedLane]) -> None:
    """A trace has every request of its workload; a lane that turned one away has not."""
    for lane in lanes:
        if lane.lane.kind == VLLM.name and lane.turned_away:
            away = lane.turned_away[0]
            refusal = TooLarge(away.request, away.needed, away.capacity)
            raise InputWrong(f"--states: nothing is written, for vLLM would refuse: {refusal}")


def _write_states(replay: Replay, path: Path) -> None:
    """The trace format's JSON lines (F3), of the steps that the table counts."""
    traffic, until = replay.traffic, replay.extent.until
    assert traffic.workload and traffic.document is not None
    header = {"workload": {**traffic.document, "config": settings(traffic.workload)}}
    with publishing_file(path, [replay.wishes.path]) as file:
        for line in chain([header], trace_of(traffic.workload, until=until)):
            file.write((json.dumps(line, separators=(",", ":")) + "\n").encode())
