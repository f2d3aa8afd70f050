"""The lane paged/transformers: rules H1 to H5, each in a play of its own."""

import pytest

from pagereel.model.allocators.kinds import build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.allocators.transformers_paged import CacheFull
from pagereel.model.core.events import Admitted, EntriesWritten, Preempted, Refused
from pagereel.model.core.lane import TooLarge
from pagereel.model.core.request import Request


def lane(blocks, block_size=4, **options):
    spec = LaneSpec(
        "t", "paged/transformers", "", blocks * block_size, block_size, options=(*options.items(),)
    )
    return build(spec)


def ask(to, name, prompt, output):
    to.submit(Request(name, range(prompt), range(output)))


def step(of):
    """What one step decided, by kind of event, and the state in the middle of it."""
    events = of.schedule()
    state = of.snapshot()
    of.update()
    named = {
        kind: [e.request for e in events if isinstance(e, kind)]
        for kind in (Admitted, EntriesWritten, Preempted, Refused)
    }
    return named, state


def test_below_the_margin_only_decodes_are_added_h1():
    engine = lane(blocks=20)
    ask(engine, "A", 68, 4)  # 18 of 20 blocks: 2 are fewer than 15 %
    step(engine)
    ask(engine, "B", 2, 2)
    decided, state = step(engine)
    assert decided[Refused] == ["B"] and state.waiting == ("B",)
    assert len(state.memory.free) == 2


@pytest.mark.parametrize(("prompt", "blocks"), [(2, 1), (3, 2), (4, 2), (5, 2), (6, 2), (7, 3)])
def test_a_prompt_that_ends_a_block_takes_one_too_many_h2(prompt, blocks):
    engine = lane(blocks=8)
    ask(engine, "A", prompt, 1)
    _, state = step(engine)
    assert len(state.memory.tables[0].blocks) == blocks


def test_decodes_go_before_prompts_and_prompts_are_cut_h3():
    engine = lane(blocks=40, max_batch_tokens=8)
    ask(engine, "A", 12, 4)
    ask(engine, "B", 2, 4)
    decided, state = step(engine)
    assert decided[EntriesWritten] == ["A"] and state.request("A").computed == 8
    decided, state = step(engine)
    assert decided[EntriesWritten] == ["A", "B"] and state.request("A").computed == 12
    ask(engine, "C", 9, 1)
    decided, state = step(engine)
    assert decided[EntriesWritten] == ["A", "B", "C"] and state.request("C").computed == 6


def test_the_newest_starved_goes_to_the_end_and_nobody_comes_before_one_ends_h4():
    engine = lane(blocks=4)
    for name in "AB":
        ask(engine, name, 6, 5)  # two blocks each, and a third for the third answer
    for _ in range(3):
        decided, state = step(engine)
        assert state.running == ("A", "B")
    ask(engine, "C", 1, 1)  # one block would do
    decided, state = step(engine)
    assert decided[Preempted] == ["B"] and decided[EntriesWritten] == ["A"]
    assert state.waiting == ("C", "B")
    decided, state = step(engine)
    assert decided[Admitted] == [] and decided[Refused] == [] and len(state.memory.free) == 1
    decided, state = step(engine)
    assert decided[Admitted] == ["C", "B"]


def test_who_does_not_fit_is_overtaken_h5():
    engine = lane(blocks=10)
    ask(engine, "A", 22, 3)  # 6 of 10 blocks
    ask(engine, "B", 20, 1)  # 6 blocks
    ask(engine, "C", 2, 1)
    decided, state = step(engine)
    assert decided[Admitted] == ["A", "C"] and decided[Refused] == ["B"]
    assert state.waiting == ("B",)


def test_a_request_larger_than_the_pool_is_turned_away():
    with pytest.raises(TooLarge, match="needs 12 slots; the lane holds 8"):
        ask(lane(blocks=2), "A", 7, 1)


def test_an_engine_with_nobody_to_put_back_stops():
    engine = lane(blocks=2, block_size=3, max_batch_tokens=2)
    ask(engine, "A", 1, 3)
    ask(engine, "B", 5, 1)  # alone it would fit, but not in pieces as A leaves them
    with pytest.raises(CacheFull, match="none can be offloaded; 0 wait"):
        for _ in range(9):
            step(engine)
