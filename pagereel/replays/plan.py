"""What a replay runs on: each lane with its settings, on the memory or config that is given."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from pagereel.errors import InputWrong
from pagereel.model.allocators.contiguous.chunks import NotHalved
from pagereel.model.allocators.kinds import KINDS, NICKNAMES, REPLAYED, build, build_for_replay
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.allocators.options import BadOptions, Option
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.kind import VLLM
from pagereel.model.allocators.vllm.leap import lane_for_workload
from pagereel.model.core.lane import Refusal
from pagereel.model.core.quoting import shown
from pagereel.model.core.request import Request
from pagereel.model.replay.driver import ReplayLane
from pagereel.replays.memory import Memory
from pagereel.words import did_you_mean


@dataclass(frozen=True, slots=True)
class PlannedLane:
    """A lane, ready to be built."""

    kind: str
    settings: tuple[tuple[str, Option], ...]
    """What was set for it, by the caller, the workload or replay itself."""
    build: Callable[[], ReplayLane]


def longest_that_fits(requests: Iterable[Request], slots: int) -> int:
    """Tokens (prompt and output) of the longest request that these slots could ever hold."""
    lengths = (len(request.prompt) + len(request.output) for request in requests)
    return max((length for length in lengths if length <= slots + 1), default=1)


def covering(tokens: int, block_size: int) -> int:
    """The smallest power of two of blocks that holds so many tokens: what Orca can halve."""
    return block_size << (math.ceil(tokens / block_size) - 1).bit_length()


def plan_on_memory(
    kinds: Sequence[str], options: Sequence[str], memory: Memory, max_len: int
) -> list[PlannedLane]:
    """The lanes on a budget. Null blocks are part of it. Raises `InputWrong`."""
    size = memory.block_size
    base = LaneSpec("lane", "", "", memory.slots, size, max_len)
    given, misspelt = _options(kinds, options)
    planned, wrong = [], [*_unknown(kinds), *misspelt]
    for kind in kinds if not wrong else ():
        settings = {**KINDS[kind].replay_settings(max_len), **given.get(kind, {})}
        slots = memory.slots - size * KINDS[kind].null_blocks
        spec = replace(base, kind=kind, slots=slots, options=tuple(settings.items()))
        wrong += _faults(spec)
        planned.append(PlannedLane(kind, tuple(settings.items()), _builder(spec)))
    if wrong:
        raise InputWrong("\n".join(wrong))
    return planned


def plan_on_config(kinds: Sequence[str], config: VllmConfig, max_len: int) -> list[PlannedLane]:
    """The lanes on the pool that a workload document configures. Raises `InputWrong`."""
    base = LaneSpec("lane", "", "", config.capacity, config.block_size, max_len)
    budget = max(config.max_num_batched_tokens, config.length_limit)
    limits = {"max_num_seqs": config.max_num_seqs, "max_num_batched_tokens": budget}
    planned, wrong = [], list(_unknown(kinds))
    for kind in kinds if not wrong else ():
        if kind == VLLM.name:  # whose document it is
            planned.append(PlannedLane(kind, (), lambda: lane_for_workload(config)))
            continue
        known = KINDS[kind].options
        settings = tuple((name, limit) for name, limit in limits.items() if name in known)
        spec = replace(base, kind=kind, options=settings)
        wrong += _faults(spec)
        planned.append(PlannedLane(kind, settings, _builder(spec)))
    if wrong:
        raise InputWrong("\n".join(wrong))
    return planned


def _builder(spec: LaneSpec) -> Callable[[], ReplayLane]:
    return lambda: build_for_replay(spec)


def _unknown(kinds: Sequence[str]) -> Iterable[str]:
    if not kinds:
        yield f"--lanes: name at least one of {', '.join(REPLAYED)}"
    for place, kind in enumerate(kinds):
        if kind not in REPLAYED:
            yield f"--lanes: no lane {shown(kind)}; {did_you_mean(kind, REPLAYED, NICKNAMES)}"
        elif kind in kinds[:place]:
            yield f"--lanes: {kind} is named twice"


def _options(
    kinds: Sequence[str], options: Sequence[str]
) -> tuple[dict[str, dict[str, Option]], list[str]]:
    """`paged/vllm.max_num_seqs=64` by lane and name, and what is wrong with the others."""
    found: dict[str, dict[str, Option]] = {}
    wrong = []
    for text in options:
        lane, dot, rest = text.partition(".")
        name, equals, value = rest.partition("=")
        if not dot or not equals or not name:
            wrong.append(f"--option {shown(text)}: write LANE.NAME=VALUE")
        elif lane not in kinds:
            hint = did_you_mean(lane, kinds)
            wrong.append(f"--option {shown(text)}: {shown(lane)} is not replayed; {hint}")
        else:
            found.setdefault(lane, {})[name] = _value(value)
    return found, wrong


def _value(text: str) -> Option:
    words: dict[str, Option] = {"true": True, "false": False, "none": None, "null": None}
    if text.casefold() in words:
        return words[text.casefold()]
    if re.fullmatch(r"-?\d{1,12}", text):
        return int(text)
    if re.fullmatch(r"-?\d{0,12}\.\d{1,12}", text):
        return float(text)
    return text


def _faults(spec: LaneSpec) -> list[str]:
    """What the model says against a lane."""
    try:
        build(spec)
    except NotHalved as refusal:
        above = covering(refusal.max_len, refusal.block_size)
        near = f"{above // 2} or {above}" if above > refusal.block_size else f"{above}"
        return [f"--max-len {spec.max_len}: {spec.kind} halves it down to blocks; take {near}"]
    except BadOptions as bad:
        return [f"--option {spec.kind}: {problem}" for problem in bad.problems]
    except (Refusal, ValueError) as refusal:
        return [f"{spec.kind}: {refusal}"]
    return []
