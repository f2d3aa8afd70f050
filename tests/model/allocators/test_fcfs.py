"""The plain engine: first come first served; the newest is preempted; refusals carry numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagereel.model.allocators.contiguous.placement import first_fit
from pagereel.model.allocators.contiguous.pool import ContiguousPool
from pagereel.model.allocators.fcfs import FcfsEngine
from pagereel.model.allocators.paged import PagedPool
from pagereel.model.core.events import (
    Aborted,
    Admitted,
    Arrived,
    BlockFreed,
    EntriesRead,
    EntriesWritten,
    Finished,
    Preempted,
    Recovery,
    Refused,
    RegionFreed,
    TokenSampled,
)
from pagereel.model.core.lane import TooLarge
from pagereel.model.core.request import Request
from pagereel.model.core.state import Phase
from pagereel.model.usage.laws import uphold


def request(name="A", prompt=3, output=2):
    return Request(name, range(prompt), range(output))


def paged(blocks, block_size=2):
    return FcfsEngine(PagedPool(block_size, range(blocks)))


def contiguous(slots, max_len):
    return FcfsEngine(ContiguousPool(slots, max_len, first_fit))


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def phases(engine):
    return {state.id: state.phase for state in engine.snapshot().requests}


def run(engine, *requests):
    """Submit all and take steps until nobody is left; the events of each step."""
    for one in requests:
        engine.submit(one)
    steps = []
    while engine.snapshot().running or engine.snapshot().waiting:
        steps.append((*engine.schedule(), *engine.update()))
        uphold(engine.snapshot())
        assert len(steps) < 500, "the engine does not come to an end"
    return steps


def test_a_submitted_request_waits():
    engine = contiguous(8, 8)
    assert engine.submit(request()) == (Arrived("A"),)
    assert engine.snapshot().waiting == ("A",)
    assert phases(engine) == {"A": Phase.WAITING}


def test_a_prompt_is_prefilled_whole_in_the_step_that_admits_it():
    engine = contiguous(8, 8)
    engine.submit(request(prompt=3))
    events = engine.schedule()
    assert of(Admitted, events) == [Admitted("A")]
    assert of(EntriesWritten, events) == [EntriesWritten("A", 0, 3)]
    assert of(EntriesRead, events) == []


def test_a_decode_step_reads_what_is_stored_and_writes_one_entry():
    engine = contiguous(8, 8)
    engine.submit(request(prompt=3, output=3))
    engine.schedule()
    assert engine.update() == (TokenSampled("A", 0),)
    assert engine.schedule() == (EntriesRead("A", 3), EntriesWritten("A", 3, 1))


def test_the_last_token_ends_the_request_in_the_step_that_samples_it():
    engine = contiguous(8, 8)
    engine.submit(request(prompt=3, output=1))
    engine.schedule()
    assert engine.update() == (TokenSampled("A", 0), Finished("A"), RegionFreed("A", 0, 8))
    assert phases(engine) == {"A": Phase.FINISHED}
    assert engine.snapshot().requests[0].computed == 0


def test_requests_are_admitted_in_order_of_arrival():
    engine = contiguous(16, 8)
    for name in "ABC":
        engine.submit(request(name))
    assert [event.request for event in of(Admitted, engine.schedule())] == ["A", "B"]
    assert engine.snapshot().waiting == ("C",)


def test_the_refused_head_of_the_queue_holds_up_those_behind_it_that_would_fit():
    engine = paged(blocks=4, block_size=2)
    engine.submit(request("A", prompt=4, output=3))
    engine.submit(request("B", prompt=6))
    engine.submit(request("C", prompt=1))
    events = engine.schedule()
    assert of(Refused, events) == [Refused("B", needed=6, free=4, largest_hole=4)]
    assert engine.snapshot().waiting == ("B", "C")


def test_a_refusal_of_a_contiguous_lane_tells_the_largest_hole():
    engine = contiguous(20, 8)
    for name in "ABC":
        engine.submit(request(name, prompt=2, output=4))
    engine.schedule()
    engine.abort("A")
    engine.submit(request("D"))
    events = engine.schedule()
    assert of(Admitted, events) == [Admitted("C")]
    assert of(Refused, events) == [Refused("D", needed=8, free=4, largest_hole=4)]


def test_refusals_are_counted_for_the_request():
    engine = contiguous(8, 8)
    engine.submit(request("A", output=4))
    engine.submit(request("B"))
    for _ in range(3):
        engine.schedule()
        engine.update()
    assert engine.snapshot().request("B").refusals == 3


def test_the_newest_running_request_is_preempted_when_an_older_one_cannot_grow():
    engine = paged(blocks=4, block_size=2)
    engine.submit(request("A", prompt=4, output=4))
    engine.submit(request("B", prompt=4, output=4))
    engine.schedule()
    engine.update()
    events = engine.schedule()
    assert of(Preempted, events) == [Preempted("B", Recovery.RECOMPUTE, 2)]
    assert [event.block for event in of(BlockFreed, events)] == [2, 3]
    assert engine.snapshot().running == ("A",)
    assert engine.snapshot().waiting == ("B",)
    assert phases(engine)["B"] is Phase.PREEMPTED


def test_nobody_is_admitted_in_a_step_that_preempts():
    engine = paged(blocks=4, block_size=2)
    for name in "AB":
        engine.submit(request(name, prompt=4, output=4))
    engine.submit(request("C", prompt=1))
    engine.schedule()
    engine.update()
    events = engine.schedule()
    assert of(Preempted, events) and not of(Admitted, events) and not of(Refused, events)
    assert engine.snapshot().waiting == ("B", "C")


def test_a_preempted_request_keeps_its_tokens_and_recomputes_them_when_it_resumes():
    engine = paged(blocks=4, block_size=2)
    steps = run(engine, request("A", prompt=4, output=3), request("B", prompt=4, output=3))
    resumed = [e for step in steps for e in of(Admitted, step) if e.resumed]
    assert resumed == [Admitted("B", resumed=True)]
    (step,) = [step for step in steps if Admitted("B", resumed=True) in step]
    assert EntriesWritten("B", 0, 5) in step
    assert TokenSampled("B", 1) in step


def test_every_token_of_a_preempted_request_is_sampled_once():
    engine = paged(blocks=4, block_size=2)
    steps = run(engine, request("A", prompt=4, output=4), request("B", prompt=3, output=5))
    sampled = [e for step in steps for e in of(TokenSampled, step)]
    assert sorted((e.request, e.index) for e in sampled) == [
        *(("A", index) for index in range(4)),
        *(("B", index) for index in range(5)),
    ]


def test_a_lone_request_that_fits_the_empty_pool_is_never_preempted():
    steps = run(paged(blocks=4, block_size=2), request(prompt=3, output=6))
    assert [e for step in steps for e in of(Preempted, step)] == []


def test_aborting_a_running_request_frees_its_memory():
    engine = contiguous(8, 8)
    engine.submit(request())
    engine.schedule()
    assert engine.abort("A") == (Aborted("A"), RegionFreed("A", 0, 8))
    assert engine.snapshot().memory.regions == ()
    assert phases(engine) == {"A": Phase.ABORTED}


def test_aborting_a_waiting_request_frees_nothing():
    engine = contiguous(8, 8)
    engine.submit(request())
    assert engine.abort("A") == (Aborted("A"),)
    assert engine.snapshot().waiting == ()


@pytest.mark.parametrize("name", ["A", "nobody"])
def test_aborting_who_is_not_alive_is_an_error(name):
    engine = contiguous(8, 8)
    run(engine, request("A"))
    with pytest.raises(KeyError):
        engine.abort(name)


def test_a_request_too_large_for_the_lane_is_refused_at_the_door():
    engine = contiguous(8, 8)
    with pytest.raises(TooLarge):
        engine.submit(request(prompt=9))
    assert engine.snapshot().requests == ()


def test_a_snapshot_does_not_change_afterwards():
    engine = paged(blocks=8)
    engine.submit(request())
    before = engine.snapshot()
    engine.schedule()
    assert before.waiting == ("A",)
    assert before.memory.tables == ()


@given(
    st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8)), min_size=1, max_size=6),
    st.integers(1, 4),
    st.booleans(),
)
def test_every_workload_ends_upholds_the_laws_and_returns_all_memory(lengths, block_size, is_paged):
    engine = paged(16, block_size) if is_paged else contiguous(20, 16)
    requests = [request(f"R{i}", prompt, output) for i, (prompt, output) in enumerate(lengths)]
    requests = [one for one in requests if not is_paged or one.final_entries <= 16 * block_size]
    run(engine, *requests)
    state = engine.snapshot()
    assert set(phases(engine).values()) <= {Phase.FINISHED}
    assert all(one.sampled == len(requests[i].output) for i, one in enumerate(state.requests))
    memory = state.memory
    assert len(memory.free) == 16 if is_paged else memory.regions == ()
