"""Retention policies: what is read is one question, what is stored another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagereel.model.allocators.kinds import build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.allocators.options import BadOptions
from pagereel.model.allocators.paged import POLICIES
from pagereel.model.core.events import BlockFreed, EntriesRead, EntriesWritten
from pagereel.model.core.geometry import PRESETS
from pagereel.model.core.request import Request
from pagereel.model.core.retention import (
    dropped_blocks,
)
from pagereel.model.usage.bandwidth import concatenation_peak_bytes, movement
from pagereel.model.usage.occupancy import split
from pagereel.model.usage.occupancy import stored_positions as positions_in

from driving import step


def paged(slots=64, **options):
    return build(
        LaneSpec("p", "paged", "Paged", slots, block_size=4, options=tuple(options.items()))
    )


def played(lane, prompt=10, output=20, steps=12):
    lane.submit(Request("A", range(prompt), range(output)))
    return [step(lane) for _ in range(steps)]


def stored_positions(state, name):
    return positions_in(state.memory, state.holder(name))


def reads(steps):
    return [event.count for events in steps for event in events if isinstance(event, EntriesRead)]


def test_without_a_policy_a_decode_reads_everything_cached():
    steps = played(paged())
    assert reads(steps) == list(range(10, 21))
    assert len(steps[0]) == len([e for e in steps[0] if not isinstance(e, EntriesRead)])


def test_a_sliding_window_reads_and_stores_no_more_than_its_window():
    lane = paged(retention="sliding-window", window=6)
    steps = played(lane)
    assert reads(steps) == [5] * 11
    state = lane.snapshot()
    table = state.memory.tables[0].blocks
    assert table.count(state.memory.null_block) == 3, "positions 0 to 11 are behind the window"
    assert split(state).stored == 21 - 12
    assert state.request("A").readable == (range(16, 21),)
    assert stored_positions(state, "A") == (range(12, 21),)


def test_pinned_prefix_keeps_the_sinks_and_loses_the_middle():
    lane = paged(retention="pinned-prefix", window=6, sinks=2)
    steps = played(lane)
    assert reads(steps) == [7] * 11
    last_read = next(e for e in steps[-1] if isinstance(e, EntriesRead))
    assert last_read.positions == (range(2), range(15, 20))
    state = lane.snapshot()
    null = state.memory.null_block
    assert [block == null for block in state.memory.tables[0].blocks] == [
        False, True, True, False, False, False,
    ]  # fmt: skip
    assert stored_positions(state, "A") == (range(4), range(12, 21))


def test_recent_n_reads_less_and_stores_everything():
    full, recent = paged(), paged(retention="recent-n", window=6)
    played(full)
    steps = played(recent)
    assert reads(steps) == [5] * 11
    assert not [e for events in steps for e in events if isinstance(e, BlockFreed)]
    assert split(recent.snapshot()) == split(full.snapshot())
    assert recent.snapshot().request("A").readable == (range(16, 21),)
    assert stored_positions(recent.snapshot(), "A") == (range(21),)


def test_a_freed_block_serves_the_same_request_again():
    lane = paged(slots=16, retention="sliding-window", window=4)
    lane.submit(Request("A", range(5), range(9)))
    seen = set()
    for _ in range(9):
        step(lane)
        seen |= {block for table in lane.snapshot().memory.tables for block in table.blocks}
    assert lane.snapshot().request("A").sampled == 9
    assert seen <= set(range(5))


def test_options_of_a_policy_are_checked_together():
    with pytest.raises(BadOptions) as caught:
        paged(retention="sliding-windows", sink=3)
    message = str(caught.value)
    assert "retention must be one of all, sliding-window, pinned-prefix, recent-n" in message
    assert "no option sink (there are: retention, window, sinks)" in message
    with pytest.raises(BadOptions, match="window must be a whole number from 1"):
        paged(retention="recent-n")


@pytest.mark.parametrize("kind", ["contiguous", "paged", "paged/paper"])
def test_nothing_of_a_request_is_stored_before_it_runs_and_after_it_ends(kind):
    lane = build(LaneSpec("x", kind, "X", 16, block_size=4, max_len=16))
    lane.submit(Request("A", range(5), range(2)))
    lane.submit(Request("B", range(16), range(1)))
    lane.schedule()
    assert stored_positions(lane.snapshot(), "A") == (range(5),)
    assert stored_positions(lane.snapshot(), "B") == ()
    for _ in range(3):
        step(lane)
    assert stored_positions(lane.snapshot(), "A") == ()


policies = st.builds(
    lambda name, window, sinks: POLICIES[name](window, sinks),
    st.sampled_from([*POLICIES]),
    st.integers(1, 20),
    st.integers(0, 10),
)


def positions(spans):
    return {position for span in spans for position in span}


@given(policies, st.integers(0, 60))
def test_what_is_read_is_kept_and_what_was_dropped_is_never_kept_again(policy, position):
    now, later = positions(policy.kept(position)), positions(policy.kept(position + 1))
    assert positions(policy.readable(position)) <= now
    assert later - {position} <= now


@given(policies, st.integers(0, 60), st.integers(1, 9))
def test_only_blocks_in_which_nothing_is_kept_are_dropped(policy, position, size):
    kept = positions(policy.kept(position))
    for index in range(position // size):
        block = set(range(index * size, (index + 1) * size))
        assert (index in dropped_blocks(policy, position, size)) is not bool(block & kept)


def test_a_decode_step_of_opt_13b_reads_800_kib_for_every_cached_token():
    events = (EntriesWritten("A", 0, 7), EntriesRead("B", 100), EntriesWritten("B", 100, 1))
    moved = movement(events, PRESETS["opt-13b"])
    assert moved.bytes_read == 100 * 819_200
    assert moved.layer_bytes_read == moved.bytes_read // 40
    assert moved.bytes_written == 8 * 819_200
    assert moved.layer_bytes_written == 8 * 20_480


def test_concatenation_doubles_one_tensor_at_a_time():
    gpt2 = PRESETS["gpt2"]
    assert concatenation_peak_bytes(101, gpt2) == 101 * 36_864 + 100 * 36_864 // 24
