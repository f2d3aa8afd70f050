"""The lane paged/vllm is vLLM 0.32.0: every recorded state, compared step by step."""

import gzip
import json

import pytest

from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.allocators.vllm.lane import VllmLane
from pagereel.model.core.request import Request
from pagereel.model.traces.compare import trace_difference
from pagereel.model.traces.documents import digest, settings
from pagereel.model.traces.playing import trace_of
from pagereel.model.traces.workload import output_token, read_workload

from places import TESTS

FIXTURES = TESTS / "fixtures" / "vllm"
CASES = sorted(path.stem for path in (FIXTURES / "cases").glob("*.json"))
TRACES = sorted(path.name.removesuffix(".jsonl.gz") for path in (FIXTURES / "golden").glob("*.gz"))


def golden(name):
    with gzip.open(FIXTURES / "golden" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def ours(document):
    return json.loads(json.dumps(list(trace_of(read_workload(document)))))


def test_all_recordings_are_there():
    assert len(CASES) >= 25
    assert set(CASES) <= set(TRACES)
    assert sum(name.startswith("random-") for name in TRACES) == 40


@pytest.mark.parametrize("name", TRACES)
def test_every_state_of_a_recorded_run_is_the_same(name):
    first, *steps = golden(name)
    assert trace_difference(steps, ours(first["workload"])) == ""


@pytest.mark.parametrize("name", CASES)
def test_a_case_with_defaults_means_what_vllm_made_of_it(name):
    case = json.loads((FIXTURES / "cases" / f"{name}.json").read_text(encoding="utf-8"))
    first, *steps = golden(name)
    assert settings(read_workload(case)) == first["workload"]["config"]
    assert trace_difference(steps, ours(case)) == ""


def test_a_difference_names_the_step_the_value_and_both_sides():
    theirs = [{"step": 3, "after_update": {"free": [1, 2], "ref": [None]}}]
    other = [{"step": 3, "after_update": {"free": [2, 1], "ref": [None]}}]
    assert trace_difference(theirs, other) == (
        "step 3 differs:\n  after_update.free\n    theirs [1, 2]\n    ours   [2, 1]"
    )
    assert trace_difference(theirs, []) == ("only theirs goes on with " + json.dumps(theirs[0]))


def test_a_digest_stands_for_a_state():
    _, step, *_ = golden("02-same-step-hit")
    short = digest(step)
    assert len(short["after_schedule"]) == 16
    assert short["scheduled"] == step["scheduled"]


def test_made_up_tokens_follow_the_format():
    assert output_token(0, 0) == (1_000_003 + 7_919) % 50_021 + 1


def documented_lane():
    """vLLM's docs, design/prefix_caching: 10 blocks of 4; our ids are theirs + 1 (null block)."""
    shared = tuple(range(100, 112))
    lane = VllmLane(VllmConfig(num_blocks=11, block_size=4))
    requests = (
        Request("0", (*shared, 1, 2, 3), (4, 5, 6, 7), arrival=1),
        Request("1", (*shared[:10], 11, 12, 13, 14), (15, 16), arrival=4),
        Request("2", (*shared, *range(20, 37)), (38,), arrival=7),
    )
    for time in range(1, 8):
        for request in requests:
            if request.arrival == time:
                lane.submit(request)
        lane.schedule()
        yield time, lane.snapshot()
        lane.update()


def theirs(blocks):
    return [block - 1 for block in blocks]


def test_the_documented_example_takes_and_shares_the_documented_blocks():
    tables = {}
    for time, state in documented_lane():
        tables[time] = {table.request: theirs(table.blocks) for table in state.memory.tables}
    assert tables[1] == {"0": [0, 1, 2, 3]}
    assert tables[3] == {"0": [0, 1, 2, 3, 4]}
    assert tables[4] == {"0": [0, 1, 2, 3, 4], "1": [0, 1, 5, 6]}
    assert tables[5] == {"1": [0, 1, 5, 6]}
    assert tables[6] == {}


def test_the_documented_example_frees_keyless_blocks_to_the_head_as_of_0_24():
    """P8: the docs still describe the order up to 0.23, where all blocks went to the tail.

    There: 7 8 9 4 3 2 6 5 1 0, and request 2 gets 7, 8, 9, 4 and 3, evicting 3. Now the keyless
    blocks 4 and 6 are reused first, and nothing is evicted.
    """
    states = dict(documented_lane())
    assert theirs(states[6].memory.free) == [6, 4, 7, 8, 9, 3, 2, 5, 1, 0]
    assert theirs(states[7].memory.tables[0].blocks) == [0, 1, 2, 6, 4, 7, 8, 9]
    assert theirs(states[7].memory.free) == [3, 5]
