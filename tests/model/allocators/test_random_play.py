"""Every kind of lane under random traffic: the laws hold after every half step, nothing leaks."""

import random
from itertools import cycle

import pytest

from pagereel.model.allocators.kinds import REPLAYED, build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.beams import BeamSearch
from pagereel.model.core.events import (
    BeamDropped,
    BlockCopied,
    BlockFreed,
    BlockSwappedIn,
    BlockSwappedOut,
    OutOfMemory,
    Preempted,
    Refused,
    RegionCopied,
    RegionFreed,
    RegionMoved,
    SequenceFinished,
    SequenceForked,
)
from pagereel.model.core.lane import TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import ContiguousMemory, Phase
from pagereel.model.usage.laws import uphold

STEPS = 10_000
"""Steps played in every lane, over many short workloads."""

SETTINGS = {
    "contiguous": [{"max_len": 12}, {"max_len": 12, "placement": "best-fit"}],
    "contiguous/max": [{"max_len": 16}],
    "contiguous/pow2": [{"max_len": 32}],
    "contiguous/oracle": [{"max_len": 32}],
    "contiguous/static": [{"max_len": 14}, {"max_len": 14, "options": (("max_batch", 2),)}],
    "contiguous/dynamic": [{}, {"placement": "best-fit"}],
    "paged": [
        {},
        {"options": (("retention", "sliding-window"), ("window", 5))},
        {"options": (("retention", "pinned-prefix"), ("window", 5), ("sinks", 3))},
        {"options": (("retention", "recent-n"), ("window", 5))},
    ],
    "paged/transformers": [{}, {"options": (("max_batch_tokens", 6),)}],
    "paged/paper": [
        {"options": (("watermark", 0), ("swap_blocks", 99))},
        {"options": (("watermark", 0.1), ("max_num_seqs", 6), ("swap_blocks", 99))},
        {"options": (("preemption", "swap"), ("max_num_batched_tokens", 40), ("swap_blocks", 99))},
    ],
}
FORKS = {SequenceForked, BeamDropped, SequenceFinished}
ORCA = {*FORKS, Refused, RegionCopied}
REACHED = {
    "contiguous": {Refused},
    "contiguous/max": ORCA,
    "contiguous/pow2": ORCA,
    "contiguous/oracle": ORCA,
    "contiguous/static": {RegionFreed},
    "contiguous/dynamic": {Refused, RegionMoved, OutOfMemory},
    "paged": {Refused, Preempted, BlockFreed},
    "paged/transformers": {Refused, Preempted, BlockFreed},
    "paged/paper": {*FORKS, Refused, Preempted, BlockCopied, BlockSwappedOut, BlockSwappedIn},
}
WAITS_FOR_AN_END = {"paged/transformers"}
"""Where a request was put back it admits nobody until one ends, and an abort is no end."""
GROUPS = {"paged/paper", "contiguous/max", "contiguous/pow2", "contiguous/oracle"}


def drawn(dice, name, kind):
    prompt, length = dice.randint(1, 9), dice.randint(1, 9)
    more, form = {}, dice.random() if kind in GROUPS else 1
    if form < 0.25:
        n = dice.randint(2, 4)
        more = {"n": n, "outputs": tuple(range(dice.randint(1, 9)) for _ in range(n))}
    elif form < 0.5:
        more = {"beam": BeamSearch(dice.randint(2, 4), seed=dice.randint(0, 999))}
    if kind == "contiguous" and dice.random() < 0.5:
        more = {"max_tokens": length + dice.randint(0, 4)}
    return Request(name, range(prompt), range(length), **more)


def play(dice, kind, setting):
    """Play random requests and aborts, then drain: what happened at each step.

    Everything must come back.
    """
    lane = build(LaneSpec("x", kind, "X", dice.choice((20, 36, 50)), block_size=2, **setting))
    start = lane.snapshot().memory
    alive, steps = [], []
    for number in range(60):
        if dice.random() < 0.6:
            request = drawn(dice, f"r{number}", kind)
            try:
                lane.submit(request)
                alive.append(request.id)
            except TooLarge:
                pass
        if alive and kind not in WAITS_FOR_AN_END and dice.random() < 0.05:
            lane.abort(dice.choice(alive))
        alive = half_steps(lane, steps)
    while half_steps(lane, steps):
        assert len(steps) < 600, f"{lane.snapshot()} does not come to an end"
    end = lane.snapshot().memory
    if isinstance(end, ContiguousMemory):
        assert (end.regions, end.chunks) == ((), start.chunks)
    else:
        assert (end.tables, sorted(end.free)) == ((), sorted(start.free))
    return steps


def half_steps(lane, steps):
    """One step with the laws checked after each half; who is alive then."""
    events = lane.schedule()
    uphold(lane.snapshot())
    events += lane.update()
    steps.append({type(event) for event in events})
    state = lane.snapshot()
    uphold(state)
    ended = (Phase.FINISHED, Phase.ABORTED)
    return [request.id for request in state.requests if request.phase not in ended]


@pytest.mark.parametrize("kind", SETTINGS)
def test_the_laws_hold_after_every_half_step_of_random_play(kind):
    dice, steps, settings = random.Random(f"pagereel {kind}"), [], cycle(SETTINGS[kind])
    while len(steps) < STEPS:
        steps += play(dice, kind, next(settings))
    assert set().union(*steps) >= REACHED[kind], "the play has to reach what the lane can do"


def test_every_kind_of_lane_is_played():
    assert {kind for kind in REPLAYED if not kind.startswith("paged/vllm")} == set(SETTINGS)
