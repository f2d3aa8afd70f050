"""The lane paged/vllm keeps the laws, tells what happens, and refuses what vLLM refuses."""

import random

import pytest

from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.lane import VllmLane
from pagereel.model.core.beams import BeamSearch
from pagereel.model.core.events import (
    Admitted,
    BlockFreed,
    BlockPublished,
    BlockShared,
    BlockTaken,
    EntriesRead,
    EntriesWritten,
    Refused,
)
from pagereel.model.core.journal import Silence
from pagereel.model.core.lane import GroupNotServed, TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import BlockTable, Phase
from pagereel.model.usage.gauge import read_gauge
from pagereel.model.usage.laws import LawBroken, uphold

CONFIGS = (
    VllmConfig(num_blocks=24, block_size=4, max_num_seqs=6, max_num_batched_tokens=24),
    VllmConfig(num_blocks=20, block_size=4, enable_prefix_caching=False, num_lookahead_tokens=3),
    VllmConfig(num_blocks=24, block_size=4, sliding_window=9, retention_interval=8),
    VllmConfig(num_blocks=20, block_size=4, policy="priority", reserve_full_isl=False),
)


def step(lane):
    return (*lane.schedule(), *lane.update())


def a_request(rng, name):
    prompt = tuple(rng.choice((1, 2)) for _ in range(rng.randint(1, 40)))
    output = tuple(range(rng.randint(1, 20)))
    return Request(name, prompt, output, priority=rng.randint(0, 2))


@pytest.mark.parametrize("config", CONFIGS)
def test_no_law_breaks_in_2500_steps_of_random_play(config):
    rng, lane, alive = random.Random(config.num_blocks), VllmLane(config, Silence()), []
    for number in range(2500):
        if rng.random() < 0.2 and len(alive) < 20:
            lane.submit(a_request(rng, f"r{number}"))
        if alive and rng.random() < 0.02:
            lane.abort(rng.choice(alive))
        lane.schedule()
        uphold(lane.snapshot())
        lane.update()
        state = lane.snapshot()
        uphold(state)
        assert lane.gauge() == read_gauge(state)
        alive = [request.id for request in state.requests]
    assert lane.tally.finished > 100


def test_ten_requests_whose_contents_match_nothing_share_nothing():
    lane = VllmLane(VllmConfig(num_blocks=64, block_size=4, max_num_batched_tokens=256))
    for number in range(8):
        lane.submit(Request(str(number), range(16), range(3)))
    events = step(lane)
    assert not [event for event in events if isinstance(event, BlockShared)]
    assert sum(isinstance(event, BlockPublished) for event in events) == 8 * 4


def test_a_second_prompt_shares_the_blocks_that_the_first_published():
    lane = VllmLane(VllmConfig(num_blocks=8, block_size=4))
    lane.submit(Request("A", (1, 2, 3, 4, 5, 6), (7, 8)))
    lane.submit(Request("B", (1, 2, 3, 4, 9), (7, 8)))
    events = lane.schedule()
    assert events == (
        Admitted("A", hit=0),
        BlockTaken("A", 0, 1),
        BlockTaken("A", 1, 2),
        BlockPublished("A", 0, 1),
        Admitted("B", hit=4),
        BlockShared("B", 0, 1, references=2),
        BlockTaken("B", 1, 3),
        EntriesWritten("A", 0, 6),
        EntriesRead("B", 4),
        EntriesWritten("B", 4, 1),
    )


def test_freed_blocks_say_whether_they_stay_findable():
    lane = VllmLane(VllmConfig(num_blocks=8, block_size=4))
    lane.submit(Request("A", (1, 2, 3, 4, 5, 6), (7,)))
    freed = [event for event in step(lane) if isinstance(event, BlockFreed)]
    assert freed == [BlockFreed("A", 2, 0, cached=False), BlockFreed("A", 1, 0, cached=True)]


def test_the_head_of_the_queue_is_refused_with_its_numbers():
    lane = VllmLane(VllmConfig(num_blocks=5, block_size=4))
    lane.submit(Request("A", range(10), range(3)))
    lane.submit(Request("B", range(10), range(3)))
    assert Refused("B", needed=12, free=4, largest_hole=4) in lane.schedule()
    assert lane.snapshot().request("B").refusals == 1


def test_a_window_nulls_what_no_token_can_see_any_more():
    config = VllmConfig(num_blocks=8, block_size=2, sliding_window=3, max_num_batched_tokens=32)
    lane = VllmLane(config)
    lane.submit(Request("A", (1, 2, 3, 4, 5, 6), (7, 8, 9)))
    step(lane)
    events = lane.schedule()
    (table,) = lane.snapshot().memory.tables
    assert table == BlockTable("A", (0, 0, 3, 1))  # block 1 had no key: it is reused at once
    assert EntriesRead("A", 2) in events


def test_a_request_that_could_never_fit_is_refused_at_the_door():
    lane = VllmLane(VllmConfig(num_blocks=5, block_size=4))
    with pytest.raises(TooLarge, match="request A needs 20 slots; the lane holds 16"):
        lane.submit(Request("A", range(15), range(3)))


def test_an_aborted_request_leaves_and_an_unknown_one_is_a_key_error():
    lane = VllmLane(VllmConfig(num_blocks=5, block_size=4))
    lane.submit(Request("A", range(10), range(3)))
    step(lane)
    lane.abort("A")
    state = lane.snapshot()
    assert state.request("A").phase is Phase.ABORTED
    assert len(state.memory.free) == 4
    with pytest.raises(KeyError):
        lane.abort("A")


def test_an_old_snapshot_does_not_change_with_the_lane():
    lane = VllmLane(VllmConfig(num_blocks=9, block_size=4))
    lane.submit(Request("A", range(10), range(9)))
    lane.schedule()
    before, text = lane.snapshot(), repr(lane.snapshot())
    for _ in range(4):
        lane.update()
        lane.schedule()
    assert repr(before) == text
    assert before != lane.snapshot()


def test_parallel_samples_are_independent_requests_that_share_full_prompt_blocks():
    lane = VllmLane(VllmConfig(num_blocks=12, block_size=4))
    lane.submit(Request("A", (1, 2, 3, 4, 5), (6, 7), n=2, outputs=((6, 7), (8, 9))))
    lane.schedule()
    assert lane.snapshot().running == ("A1", "A2")
    assert [table.blocks for table in lane.snapshot().memory.tables] == [(1, 2), (1, 3)]
    lane.update()
    lane.abort("A")
    assert lane.snapshot().running == ()


def test_beam_search_is_not_the_engines():
    with pytest.raises(GroupNotServed, match="outside the engine"):
        VllmLane(VllmConfig()).submit(Request("A", (1,), (2,), beam=BeamSearch(2)))


def test_a_law_speaks_up_when_the_prefix_index_lies():
    lane = VllmLane(VllmConfig(num_blocks=5, block_size=4))
    lane.submit(Request("A", (1, 2, 3, 4), (5, 6)))
    lane.schedule()
    pool = lane.scheduler.kv_cache_manager.block_pool
    pool.block_hash[3] = pool.block_hash[1]
    pool.changed.add(3)
    with pytest.raises(LawBroken, match="share keys"):
        uphold(lane.snapshot())
