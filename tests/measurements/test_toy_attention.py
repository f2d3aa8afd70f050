"""The toy's attention is recorded: by the script that is here, over what policies let it read."""

import hashlib
import json

import pytest

from pagereel.model.core.retention import KeepAll, PinnedPrefix, SlidingWindow
from pagereel.model.storyboard.attention import softmax
from pagereel.read.meaning.attention import RECORD, attention_record

from places import ROOT

SCRIPT = ROOT / "measurements" / "engines" / "toy_attention.py"
TEXT = SCRIPT.with_name("toy_text.txt")
POLICIES = (KeepAll(), SlidingWindow(6), PinnedPrefix(2, 4))


def reads(policy, position):
    return (*(place for span in policy.readable(position) for place in span), position)


def test_the_record_was_made_by_the_script_that_is_here():
    made_from = hashlib.sha256(SCRIPT.read_bytes() + TEXT.read_bytes()).hexdigest()
    assert attention_record().sha256 == made_from, "train again: see the script's first lines"


def test_the_record_says_what_made_it():
    told = json.loads(RECORD.read_text("utf-8"))
    assert {"torch", "python", "seed", "parameters", "loss"} <= told.keys()
    assert told["loss"] < 0.3, "nats a word: it has learned its sentences"


def test_the_weights_of_every_look_add_up_to_one():
    for look in attention_record().looks:
        assert len(look.scores) == len(look.reads)
        assert sum(softmax(look.scores)) == pytest.approx(1)


def test_every_query_asked_what_a_policy_lets_it_read_and_its_own_key_last():
    for look in attention_record().looks:
        position = len(look.words) - 1
        assert look.reads in {reads(policy, position) for policy in POLICIES}


def test_every_marked_sentence_has_its_looks_under_every_policy():
    lines = [line.split() for line in TEXT.read_text("utf-8").splitlines()]
    marked = [words for mark, *words in lines if mark == "*"]
    assert len(marked) >= 5
    for words in marked:
        for position in range(1, len(words) - 1):
            for policy in POLICIES:
                spaced = [f" {word}" for word in words[: position + 1]]
                assert attention_record().look(spaced, reads(policy, position)) is not None


def test_other_words_are_not_known():
    assert attention_record().look(("Call", "me", "Ishmael"), (0, 1, 2)) is None


def test_equal_scores_get_equal_weights():
    assert softmax((3.0, 3.0, 3.0, 3.0)) == (0.25, 0.25, 0.25, 0.25)
