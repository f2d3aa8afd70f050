"""`pagereel replay`: request traffic through allocator lanes, as numbers. Draws nothing."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from pagereel.errors import InputWrong
from pagereel.model.allocators.kinds import KINDS
from pagereel.model.core.lane import TooLarge
from pagereel.model.recording.keeper import Stretch
from pagereel.model.replay.driver import NEVER
from pagereel.model.replay.traffic import STEP_MS
from pagereel.model.traces.documents import settings
from pagereel.model.traces.playing import trace_of
from pagereel.replay.plan import (
    Memory,
    PlannedLane,
    covering,
    longest_that_fits,
    plan_on_config,
    plan_on_memory,
    read_memory,
)
from pagereel.replay.recordings import (
    STRETCH,
    log_of,
    parse_stretch,
    recorded_steps,
    write_recording,
)
from pagereel.replay.report import document, duration, tables
from pagereel.replay.run import Extent, Progress, ReplayedLane, run
from pagereel.replay.workloads import Format, Traffic, read_traffic
from pagereel.storage.publish import publishing_file

MODEL, KV_MEMORY, BLOCK_SIZE = "llama-3.1-8b", "40GiB", 16
LANES = "contiguous/max,paged/vllm"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line; None where nothing was."""

    path: Path
    lanes: str = LANES
    model: str | None = None
    kv_memory: str | None = None
    block_size: int | None = None
    max_len: int | None = None
    step_ms: float | None = None
    limit: int | None = None
    options: tuple[str, ...] = ()
    states: Path | None = None
    points: int = 12
    until: int | None = None
    record: Path | None = None
    stretch: str | None = None
    cite: str | None = None


def replay_workload(asked: Asked, form: str) -> None:
    """Replay, and print tables or one JSON document. Raises `InputWrong`, `MachineFailed`."""
    step_ms = asked.step_ms or STEP_MS
    extent = Extent(asked.until or NEVER, _stretch(asked))
    traffic = read_traffic(asked.path, step_ms, asked.limit)
    kinds = [kind.strip() for kind in asked.lanes.split(",") if kind.strip()]
    if traffic.workload:
        _refuse_what_the_file_rules(asked, kinds)
        config = traffic.workload.config
        memory, time = None, None
        max_len = covering(min(config.length_limit, config.capacity + 1), config.block_size)
        lanes = plan_on_config(kinds, config, max_len)
    else:
        memory, time = _memory(asked), step_ms
        fitting = longest_that_fits(traffic.requests, memory.slots)
        max_len = asked.max_len or covering(fitting, memory.block_size)
        lanes = plan_on_memory(kinds, asked.options, memory, max_len)
        if asked.states:
            raise InputWrong(f"--states: {asked.path} names no tokens; take a {Format.WORKLOAD}")
    if form == "text":
        head = _head(traffic, memory, max_len, asked.max_len, step_ms)
        print("\n".join([head, *(_settings(lane) for lane in lanes if lane.settings)]), flush=True)
    replayed = [_replay(lane, traffic, form, extent) for lane in lanes]
    if asked.states:
        _write_states(traffic, asked.states)
    if asked.record and extent.stretch:
        log = log_of(asked.path, asked.cite or "", len(traffic.requests), time)
        model = memory.model.name if memory else ""
        write_recording(asked.record, log, model, extent.stretch, traffic.requests, replayed)
    if form == "json":
        about = {"workload": _about(traffic), "memory": _memory_document(memory, lanes, max_len)}
        print(json.dumps(about | {"step_ms": time, "lanes": document(replayed, asked.points)}))
        return
    print("\n" + tables(replayed, time, asked.points))
    if asked.states:
        print(f"\n{asked.states}: every state of paged/vllm")
    if asked.record and extent.stretch:
        print(f"\n{asked.record}: {recorded_steps(extent.stretch)}")


def _refuse_what_the_file_rules(asked: Asked, kinds: Sequence[str]) -> None:
    """A workload document says itself what engine it is for."""
    given = {
        "--model": asked.model,
        "--kv-memory": asked.kv_memory,
        "--block-size": asked.block_size,
        "--max-len": asked.max_len,
        "--step-ms": asked.step_ms,
        "--option": asked.options or None,
    }
    wrong = [
        f"{name}: {asked.path} has a config of its own, which rules; change it there"
        for name, value in given.items()
        if value is not None
    ]
    if asked.states and "paged/vllm" not in kinds:
        wrong.append("--states: writes the states of paged/vllm; name it in --lanes")
    if wrong:
        raise InputWrong("\n".join(wrong))


def _memory(asked: Asked) -> Memory:
    model, budget = asked.model or MODEL, asked.kv_memory or KV_MEMORY
    return read_memory(model, budget, asked.block_size or BLOCK_SIZE)


def _head(
    traffic: Traffic, memory: Memory | None, max_len: int, given: int | None, step_ms: float
) -> str:
    """What is replayed, and the arithmetic of its memory."""
    lines = [f"{traffic.name}: {traffic.format}, {len(traffic.requests):,} requests"]
    if memory is None:
        assert traffic.workload
        config = traffic.workload.config
        lines.append(
            f"config: {config.num_blocks - 1:,} blocks of {config.block_size} "
            f"= {config.capacity:,} slots, and the null block"
        )
        return "\n".join(lines)
    model, size = memory.model, memory.block_size
    parts = f"2 x {model.kv_heads} heads x {model.head_dim}"
    if model.latent:
        parts = f"{model.latent} latent elements"
    element = model.bytes_per_layer // (model.latent or 2 * model.kv_heads * model.head_dim)
    why = "as given" if given else "covers the longest request that fits"
    lines += [
        f"{model.name}: {model.layers} layers x {parts} x {element} bytes "
        f"= {model.bytes_per_token:,} bytes a token",
        f"K/V memory: {memory.byte_count:,} bytes = {memory.slots:,} slots "
        f"= {memory.blocks:,} blocks of {size}",
        f"max_len {max_len:,} tokens: {why}",
        f"A step counts as {step_ms:g} ms: an assumption (--step-ms), nothing was measured",
    ]
    return "\n".join(lines)


def _settings(lane: PlannedLane) -> str:
    chosen = [f"{name} {value}" for name, value in lane.settings]
    if KINDS[lane.kind].null_blocks:
        chosen.append("one block is the null block")
    text = f"{lane.kind}: {', '.join(chosen)}"
    return textwrap.fill(text, 98, subsequent_indent="  ", break_on_hyphens=False)


def _about(traffic: Traffic) -> dict[str, Any]:
    return {
        "name": traffic.name,
        "format": traffic.format.name.lower(),
        "requests": len(traffic.requests),
    }


def _memory_document(
    memory: Memory | None, lanes: Sequence[PlannedLane], max_len: int
) -> dict[str, Any]:
    if memory is None:
        return {"model": None, "max_len": max_len}  # the rest is the config's business
    return {
        "model": memory.model.name,
        "bytes": memory.byte_count,
        "bytes_per_token": memory.model.bytes_per_token,
        "slots": memory.slots,
        "block_size": memory.block_size,
        "blocks": memory.blocks,
        "max_len": max_len,
    }


def _replay(lane: PlannedLane, traffic: Traffic, form: str, extent: Extent) -> ReplayedLane:
    with _ticker(lane.kind, len(traffic.requests), form) as progress:
        return run(lane, traffic.requests, progress, extent)


def _stretch(asked: Asked) -> Stretch | None:
    """What to keep for a recording; None if none is asked for."""
    given = [name for name in ("stretch", "cite") if getattr(asked, name) is not None]
    if asked.record is None:
        if given:
            raise InputWrong(f"--{given[0]}: says how to record; name a file with --record")
        return None
    return parse_stretch(asked.stretch or STRETCH)


@contextmanager
def _ticker(name: str, total: int, form: str) -> Iterator[Progress]:
    """A line on stderr that is written over, where somebody is watching."""
    if form == "json" or not sys.stderr.isatty():
        yield lambda done: None
        return
    began = last = monotonic()

    def tell(done: int) -> None:
        nonlocal last
        now = monotonic()
        if now - last < 0.2:
            return
        last = now
        left = (now - began) * (total - done) / done if done else 0.0
        text = f"{name}: {done:,} of {total:,} requests, about {duration(1000 * left)} left"
        sys.stderr.write(f"\r{text[:78]:<78}")
        sys.stderr.flush()

    try:
        yield tell
    finally:
        sys.stderr.write("\r" + " " * 78 + "\r")
        sys.stderr.flush()


def _write_states(traffic: Traffic, path: Path) -> None:
    """The trace format's JSON lines (F3), all or nothing."""
    assert traffic.workload and traffic.document is not None
    header = {"workload": {**traffic.document, "config": settings(traffic.workload)}}
    try:
        with publishing_file(path) as file:
            for line in (header, *trace_of(traffic.workload)):
                file.write((json.dumps(line, separators=(",", ":")) + "\n").encode())
    except TooLarge as refusal:
        raise InputWrong(
            f"--states: nothing is written, for vLLM would refuse: {refusal}"
        ) from None
