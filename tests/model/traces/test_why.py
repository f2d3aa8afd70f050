"""What came to a request is told from states alone: the same of real vLLM and of the model."""

import gzip
from itertools import islice

import pytest

from pagereel.model.traces.documents import read_trace
from pagereel.model.traces.playing import trace_of
from pagereel.model.traces.why import told_of
from pagereel.model.traces.workload import read_workload

from places import ROOT

GOLDEN = ROOT / "tests" / "fixtures" / "vllm" / "golden"


def told(name, request):
    with gzip.open(GOLDEN / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        trace = read_trace(lines.read().splitlines())
    workload = read_workload(trace.workload)
    recorded = told_of(workload, trace.steps, request)
    assert recorded == told_of(workload, islice(trace_of(workload), trace.count), request)
    return [str(one) for one in recorded]


def test_a_preempted_request_says_who_needed_the_block_and_what_it_waited_for():
    assert told("05-preempt-resume", "b")[2:5] == [
        "step 5: it was preempted: no block was free, a needed one more, and of those that ran it "
        "was the last admitted; it gave back 3 blocks; 12 tokens must be computed again",
        "steps 6 to 13: it waited: it needed up to 4 blocks to come back, and 1 to 3 were free",
        "step 14: it was admitted again, and found 4 of 13 tokens in the cache: the next 4 tokens "
        "were findable until step 12, when a got block 4",
    ]


def test_who_waits_behind_another_says_behind_whom():
    said = "\n".join(told("05-preempt-resume", "c"))
    assert "step 5: it waited: b had just lost its memory, and in such a step nobody is" in said
    assert "steps 6 to 13: it waited: b was before it, and needed up to 4 blocks" in said


@pytest.mark.parametrize(
    ("name", "request_id", "said"),
    [
        ("03-last-token", "b", "found 4 of 8 tokens in the cache (its last token is always"),
        ("22-cache-salt", "b", "nobody before it had its first 4 tokens"),
        ("20-abort", "c", "steps 0 to 1: it waited: all 2 seats (max_num_seqs) were taken"),
        ("20-abort", "a", "step 4: it was given up by its client"),
        ("17-no-caching-order", "a", "nothing is looked up, prefix caching is off"),
    ],
)
def test_each_reason_has_its_words(name, request_id, said):
    assert said in "\n".join(told(name, request_id))


def test_a_request_that_is_none_is_a_key_error():
    with pytest.raises(KeyError):
        told("20-abort", "nobody")
