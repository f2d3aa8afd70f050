"""How long requests wait, beside every event that the lane tells."""

import pytest

from pagereel.model.allocators.kinds import build, build_for_replay
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.events import Admitted
from pagereel.model.core.request import Request
from pagereel.model.replay.driver import replay
from pagereel.model.replay.waits import Percentiles, Waits, percentiles

REQUESTS = [
    Request(
        f"r{i}", tuple(range(100 * i, 100 * i + 5 + 7 * i % 23)), (1,) * (1 + 5 * i % 19), i // 3
    )
    for i in range(60)
]


@pytest.mark.parametrize("kind", ["contiguous", "contiguous/static", "paged/paper", "paged/vllm"])
def test_waits_are_those_that_the_events_tell(kind):
    spec = LaneSpec("lane", kind, "", slots=160, block_size=4, max_len=64)
    waits = Waits(REQUESTS)
    replay(lambda: build_for_replay(spec), REQUESTS, waits)

    lane, told, step, left = build(spec), [], 0, list(REQUESTS)
    while len(told) < len(REQUESTS):
        while left and left[0].arrival <= step:
            lane.submit(left.pop(0))
        told += [
            step - next(r.arrival for r in REQUESTS if r.id == event.request)
            for event in lane.schedule()
            if isinstance(event, Admitted) and not event.resumed
        ]
        lane.update()
        step += 1
    assert waits.steps == told
    assert max(told) > 0


def test_percentiles_are_numbers_that_were_there():
    assert percentiles(range(1, 101)) == Percentiles(50, 95, 99)
    assert percentiles([7]) == Percentiles(7, 7, 7)
    assert percentiles([]) is None
