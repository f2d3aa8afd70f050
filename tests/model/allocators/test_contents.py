"""Blocks replayed as memory: what a sequence finds in its blocks is its own tokens, always.

The lane says which blocks are taken, shared, copied, moved and written; this test does it to real
cells, and then reads every table back.
"""

import random

import pytest

from pagereel.model.allocators.kinds import build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.beams import BeamSearch
from pagereel.model.core.events import (
    BlockCopied,
    BlockSwappedIn,
    BlockSwappedOut,
    EntriesWritten,
    Preempted,
)
from pagereel.model.core.lane import TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import Phase

SIZE = 3


def drawn(dice, number):
    prompt = range(number * 1000, number * 1000 + dice.randint(1, 9))
    output = range(500, 500 + dice.randint(1, 12))
    form = dice.choice(("one", "samples", "beams"))
    if form == "beams":
        beam = BeamSearch(dice.randint(2, 4), seed=number)
        return Request(f"r{number}", prompt, output, beam=beam)
    n = dice.randint(2, 4) if form == "samples" else 1
    outputs = tuple(
        tuple(dice.randrange(10**6) for _ in range(dice.randint(1, 12))) for _ in range(n)
    )
    return Request(f"r{number}", prompt, outputs[0], n=n, outputs=outputs)


class Cells:
    """The K/V cells of both pools, and the tokens that every sequence should find."""

    def __init__(self, lane):
        self.lane, self.requests = lane, {}
        self.gpu, self.cpu = {}, {}

    def follow(self, events):
        """Do to the cells what the events say, in their order."""
        for event in events:
            if isinstance(event, BlockCopied):
                self.gpu[event.target] = dict(self.gpu[event.source])
            elif isinstance(event, BlockSwappedOut):
                self.cpu[event.target] = dict(self.gpu[event.source])
            elif isinstance(event, BlockSwappedIn):
                self.gpu[event.target] = dict(self.cpu[event.source])
            elif isinstance(event, EntriesWritten):
                self.write(event)

    def write(self, event):
        state = self.lane.snapshot()
        table = {t.request: t.blocks for t in state.memory.tables}[event.request]
        references = dict(state.memory.references)
        for position in range(event.start, event.start + event.count):
            block = table[position // SIZE]
            prefill = event.start == 0
            assert prefill or references[block] == 1, "a decode writes into no shared block"
            token = self.tokens(state, event.request)[position]
            self.gpu.setdefault(block, {})[position % SIZE] = token

    def tokens(self, state, name):
        """Prompt and output of a sequence."""
        for sequence in state.sequences:
            if sequence.id == name:
                return [*self.requests[sequence.request].prompt, *sequence.output]
        request = self.requests[name]
        return [*request.prompt, *request.output_of(0)]

    def read_back(self):
        state = self.lane.snapshot()
        holders = state.holders()
        for pool, memory in ((self.gpu, state.memory), (self.cpu, state.memory.swap)):
            for table in memory.tables:
                expected = self.tokens(state, table.request)
                for position in range(holders[table.request].computed):
                    found = pool[table.blocks[position // SIZE]][position % SIZE]
                    assert found == expected[position], f"{table.request} at {position}"


def youngest_go_first(before, events, after):
    """Whoever kept running through a preemption had arrived before its victim."""
    age = {request.id: place for place, request in enumerate(after.requests)}
    stayed = [name for name in before.running if name in after.running]
    for event in events:
        if isinstance(event, Preempted):
            others = [name for name in stayed if name != event.request]
            assert all(age[name] < age[event.request] for name in others)


def never_both_ways(events):
    """B15: a pass swaps out or in."""
    kinds = {type(event) for event in events}
    assert not {BlockSwappedOut, BlockSwappedIn} <= kinds


@pytest.mark.parametrize("seed", range(8))
def test_every_sequence_reads_its_own_tokens_through_copies_forks_and_swaps(seed):
    dice = random.Random(seed)
    options = (("watermark", 0), ("swap_blocks", 200))
    lane = build(LaneSpec("x", "paged/paper", "X", 22 * SIZE, block_size=SIZE, options=options))
    cells = Cells(lane)
    for number in range(40):
        request = drawn(dice, number)
        try:
            lane.submit(request)
            cells.requests[request.id] = request
        except TooLarge:
            pass
    for _ in range(600):
        before = lane.snapshot()
        events = lane.schedule()
        cells.follow(events)
        cells.read_back()
        youngest_go_first(before, events, lane.snapshot())
        never_both_ways(events)
        lane.update()
        cells.read_back()
    assert all(r.phase is Phase.FINISHED for r in lane.snapshot().requests)
