"""A lane says how it is set otherwise than its engine is by default, and nothing else."""

from dataclasses import replace

import pytest

from pagereel.model.allocators.kinds import KINDS
from pagereel.model.allocators.lane_kind import LaneSpec

OPTIONS = [(kind, name) for kind, found in KINDS.items() for name in found.options]


def lane(kind, **options):
    return LaneSpec("x", kind, "X", 64, block_size=4, max_len=16, options=tuple(options.items()))


def told(spec):
    return KINDS[spec.kind].unlike_defaults(spec)


@pytest.mark.parametrize(("kind", "name"), OPTIONS)
def test_every_option_is_told_when_it_is_set_otherwise(kind, name):
    setting = KINDS[kind].options[name]
    others = {bool: False, float: 0.25, str: next(iter(setting.words), "")}
    other = others.get(type(setting.default), 7)
    assert told(lane(kind, **{name: other}))
    assert told(lane(kind, **{name: setting.default})) == ""
    assert told(lane(kind)) == ""


def test_it_is_told_in_plain_words():
    assert told(lane("paged/vllm", enable_prefix_caching=False)) == "prefix caching off"
    batch = lane("paged/vllm", max_num_batched_tokens=8192, max_num_seqs=3)
    assert told(batch) == "3 requests at once, 8,192 tokens a step"
    pinned = lane("paged", retention="pinned-prefix", window=4, sinks=2)
    assert told(pinned) == "frees the middle, window of 4, pins 2"
    assert told(lane("paged/paper", preemption="swap")) == "always swaps"


def test_what_another_kind_calls_so_says_nothing():
    assert told(replace(lane("paged/vllm", policy="priority"), kind="contiguous")) == ""
