"""Each law notices the breach it is there for, and a state that keeps them all passes."""

from dataclasses import replace

import pytest

from pagereel.model.core.state import (
    BlockTable,
    ContiguousMemory,
    LaneState,
    PagedMemory,
    Phase,
    Region,
    RequestState,
)
from pagereel.model.usage.laws import LawBroken, uphold

A = RequestState("A", Phase.RUNNING, prompt=5, sampled=0, computed=5, final=6)
B = RequestState("B", Phase.RUNNING, prompt=2, sampled=0, computed=2, final=3)
W = RequestState("W", Phase.WAITING, prompt=2, sampled=0, computed=0, final=3)
PAGED = PagedMemory(
    block_size=4,
    blocks=(0, 1, 2, 3),
    tables=(BlockTable("A", (3, 0)), BlockTable("B", (1,))),
    free=(2,),
    references=((0, 1), (1, 1), (3, 1)),
)
CONTIGUOUS = ContiguousMemory((Region("A", 0, 8, 8), Region("B", 8, 8, 6)))
LANE = LaneState(16, (A, B, W), ("A", "B"), ("W",), PAGED)
PLANTED = {
    "the parts do not add up": (replace(LANE, capacity=17), "does not add up"),
    "a negative part": (
        replace(LANE, memory=CONTIGUOUS, requests=(replace(A, computed=9, final=7), B, W)),
        "negative|entries in",
    ),
    "a request runs that is in no queue": (replace(LANE, running=("A",)), "running"),
    "a queue names who does not wait": (replace(LANE, waiting=("W", "A")), "waiting"),
    "a request stands twice in a queue": (replace(LANE, waiting=("W", "W")), "stands twice"),
    "a table holds a block twice": (
        replace(
            LANE,
            capacity=12,
            memory=replace(PAGED, tables=(BlockTable("A", (3, 3)), PAGED.tables[1])),
        ),
        "holds a block twice",
    ),
    "more entries than slots": (
        replace(
            LANE,
            memory=replace(
                PAGED,
                tables=(BlockTable("A", (3,)), PAGED.tables[1]),
                free=(2, 0),
                references=((1, 1), (3, 1)),
            ),
        ),
        "entries in 4 slots",
    ),
    "a reference count that is not the number of tables": (
        replace(LANE, memory=replace(PAGED, references=((0, 1), (1, 2), (3, 1)))),
        "reference counts",
    ),
    "a reference to a block that nobody holds": (
        replace(LANE, memory=replace(PAGED, references=(*PAGED.references, (2, 1)))),
        "reference counts",
    ),
    "a block stands twice in the free queue": (
        replace(LANE, capacity=20, memory=replace(PAGED, free=(2, 2))),
        "twice in the free queue",
    ),
    "a block is free and held": (
        replace(LANE, capacity=20, memory=replace(PAGED, free=(2, 3))),
        "free and held",
    ),
    "a block is neither free nor held": (
        replace(LANE, capacity=12, memory=replace(PAGED, free=())),
        "neither free nor held",
    ),
    "a prefix key on a block of no pool": (
        replace(LANE, memory=replace(PAGED, cached=((7, "key"),))),
        "no request can use",
    ),
    "a prefix key twice, and nobody knows": (
        replace(LANE, memory=replace(PAGED, cached=((0, "key"), (1, "key")))),
        "share keys",
    ),
    "prefix keys out of order": (
        replace(LANE, memory=replace(PAGED, cached=((1, "key"), (0, "other")))),
        "not in order",
    ),
    "a request on the CPU that nobody swapped": (replace(LANE, swapped=("A",)), "swapped"),
    "the CPU pool breaks a law of its own": (
        replace(LANE, memory=replace(PAGED, swap=PagedMemory(4, (0, 1), (), free=(1,)))),
        "neither free nor held",
    ),
    "a free chunk is lost": (
        replace(LANE, memory=replace(CONTIGUOUS, regions=CONTIGUOUS.regions[:1], chunks=())),
        "chunk|does not add up",
    ),
    "chunks overlap": (
        replace(LANE, capacity=20, memory=replace(CONTIGUOUS, chunks=((14, 4),))),
        "chunk",
    ),
    "regions overlap": (
        replace(LANE, memory=ContiguousMemory((Region("A", 0, 9, 9), Region("B", 8, 7, 7)))),
        "overlaps|does not add up",
    ),
    "a region is smaller than what was asked": (
        replace(LANE, memory=ContiguousMemory((Region("A", 0, 8, 9), Region("B", 8, 8, 8)))),
        "smaller than what was asked|negative",
    ),
    "a region ends beyond the memory": (
        replace(LANE, capacity=12, memory=CONTIGUOUS),
        "beyond|does not add up",
    ),
}


@pytest.mark.parametrize("memory", [PAGED, CONTIGUOUS], ids=["paged", "contiguous"])
def test_a_lawful_state_passes(memory):
    uphold(replace(LANE, memory=memory))


@pytest.mark.parametrize("breach", PLANTED)
def test_a_planted_breach_is_caught(breach):
    state, message = PLANTED[breach]
    with pytest.raises(LawBroken, match=message):
        uphold(state)


def test_a_shared_block_and_the_null_block_are_lawful():
    memory = PagedMemory(
        block_size=4,
        blocks=(1, 2, 3),
        tables=(BlockTable("A", (0, 3)), BlockTable("B", (3,))),
        free=(2, 1),
        references=((3, 2),),
        null_block=0,
    )
    requests = (replace(A, computed=7), B, W)
    uphold(LaneState(12, requests, ("A", "B"), ("W",), memory))
