"""The Orca and paper lanes that leap reach the states and counts of those that take every step."""

import random
from dataclasses import replace

import pytest

from pagereel.model.allocators.kinds import build, build_for_replay
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.beams import BeamSearch
from pagereel.model.core.request import Request
from pagereel.model.core.state import Phase
from pagereel.model.replay.driver import Stepped, replay
from pagereel.model.replay.meter import Meter, StateKeeper
from pagereel.model.usage.gauge import read_gauge

from driving import Both

ENDED = (Phase.FINISHED, Phase.ABORTED)


def without_the_ended(state):
    alive = tuple(request for request in state.requests if request.phase not in ENDED)
    names = {request.id for request in alive}
    sequences = tuple(s for s in state.sequences if s.request in names)
    return replace(state, requests=alive, sequences=sequences)


class BothOfKind(Both):
    """A lane of any kind that can leap; it forgets the requests that have ended."""

    def __init__(self, spec):
        super().__init__(build_for_replay(spec), Stepped(build(spec)))
        assert not isinstance(self.leaping, Stepped)

    def expected(self, state):
        return without_the_ended(state)


def traffic(seed, widest):
    rng, arrival = random.Random(seed), 0
    for number in range(30):
        arrival += rng.choice([0, 0, 1, 3, 9, 30])
        n = rng.choice([1, 1, rng.randint(1, widest)])
        lengths = [rng.randint(1, 20) for _ in range(n)]
        yield Request(
            f"r{number}.",
            range(rng.randint(1, 30)),
            range(max(lengths)),
            arrival,
            abort=arrival + rng.randint(0, 20) if rng.random() < 0.2 else None,
            n=n,
            outputs=tuple(range(length) for length in lengths) if n > 1 else (),
        )


LANES = [
    LaneSpec("max", "contiguous/max", "", 4 * 200, 4, 64),
    LaneSpec("pow2", "contiguous/pow2", "", 4 * 61, 4, 64),
    LaneSpec("oracle", "contiguous/oracle", "", 4 * 61, 4, 64),
    LaneSpec("paper", "paged/paper", "", 4 * 45, 4),
    LaneSpec("few", "paged/paper", "", 4 * 60, 4, options=(("max_num_seqs", 4),)),
    LaneSpec("swap", "paged/paper", "", 4 * 45, 4, options=(("preemption", "swap"),)),
]


@pytest.mark.parametrize("spec", LANES, ids=lambda spec: spec.name)
@pytest.mark.parametrize("widest", [1, 3])
@pytest.mark.parametrize("every", [1, 7, 1000])
@pytest.mark.parametrize("seed", range(4))
def test_leaping_and_stepping_reach_the_same_states(spec, widest, every, seed):
    requests = list(traffic(seed + 100 * every, widest))
    lane = replay(lambda: BothOfKind(spec), requests, StateKeeper(every))
    assert not lane.gauge().in_flight
    assert lane.tally.finished + lane.tally.aborted >= 20
    assert lane.snapshot().requests == ()


@pytest.mark.parametrize("spec", LANES, ids=lambda spec: spec.name)
def test_beams_are_groups_too(spec):
    requests = [
        Request("A", range(9), range(12)),
        Request("B", range(5), range(9), beam=BeamSearch(2, seed=1)),
        Request("C", range(5), range(20), arrival=3),
    ]
    lane = replay(lambda: BothOfKind(spec), requests, StateKeeper(1))
    assert lane.tally.finished == 3


def test_crowded_lanes_preempt_swap_and_refuse_in_these_tests():
    seen = dict.fromkeys(("preemptions", "refusals", "recomputed"), 0)
    for seed in range(12):
        meter = Meter()
        replay(lambda: build_for_replay(LANES[3]), traffic(seed + 100, 3), meter)
        for name in seen:
            seen[name] += getattr(meter.summary().tally, name)
    assert min(seen.values()) > 0


@pytest.mark.parametrize(
    "spec",
    [
        LaneSpec("c", "contiguous", "", 200, max_len=50),
        LaneSpec("s", "contiguous/static", "", 200, max_len=50),
        LaneSpec("d", "contiguous/dynamic", "", 200),
        LaneSpec("p", "paged", "", 200, 4),
        LaneSpec(
            "w", "paged", "", 200, 4, options=(("retention", "sliding-window"), ("window", 9))
        ),
    ],
    ids=lambda spec: spec.name,
)
@pytest.mark.parametrize("seed", range(3))
def test_what_a_stepping_lane_reads_is_what_its_snapshot_says(spec, seed):
    class ComparedGroups(Stepped):
        def gauge(self):
            found = super().gauge()
            assert found == read_gauge(self.snapshot())
            return found

    lane = build(spec)
    lane = replay(lambda: ComparedGroups(lane, lane.gauge), traffic(seed, 1), Meter())
    assert lane.tally.finished > 0
    assert type(build_for_replay(spec)) is Stepped


def test_a_swapped_group_counts_as_waiting():
    spec = LaneSpec("swap", "paged/paper", "", 4 * 10, 4, options=(("preemption", "swap"),))
    lane = Stepped(build(spec))
    lane.submit(Request("A", range(12), range(12)))
    lane.submit(Request("B", range(12), range(12)))
    while not lane.snapshot().swapped:
        lane.leap(1)
    gauge = lane.gauge()
    assert (gauge.running, gauge.waiting, gauge.in_flight) == (1, 1, 2)
    assert lane.tally.queued_steps == 1


def test_the_sequences_of_a_group_are_counted_under_their_own_names():
    lane = Stepped(build(LANES[3]))
    lane.submit(Request("A", range(9), range(4), n=2))
    while lane.gauge().in_flight:
        lane.leap(1)
    tally = lane.tally
    assert (tally.admitted, tally.finished, tally.sampled) == (1, 1, 8)
    assert tally.computed == 9 + 2 * 3


def test_a_leap_is_as_long_as_nothing_happens():
    lane = build_for_replay(LANES[2])
    lane.submit(Request("A", range(9), range(20)))
    assert lane.leap(1000) == 1
    assert lane.leap(1000) == 18
    assert lane.gauge().split.stored == 9 + 18
    assert lane.leap(1000) == 1
    assert not lane.gauge().in_flight
    assert lane.leap(1000) == 1000


def test_an_ended_request_leaves_its_names_behind():
    lane = build_for_replay(LANES[3])
    for _ in range(2):
        lane.submit(Request("A", range(3), range(2), n=2))
        while lane.gauge().in_flight:
            lane.leap(1)
    assert lane.tally.finished == 2
    with pytest.raises(KeyError):
        lane.abort("A")
