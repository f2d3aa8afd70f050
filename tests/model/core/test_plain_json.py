"""JSON from elsewhere is parsed within limits: nothing nests too deep, no number is endless."""

import json
import sys

import pytest

from pagereel.model.core.plain_json import DEEPEST, LONGEST_NUMBER, MOST_LISTS, BadJson, parse


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, -2.5, 1e99, 1e-300, True, None, "x"], "b": {}},
        "[" * 99 + '"\\' + "9" * 99 + "e999" + "{" * 99,
        [[]] * 99,
        int("9" * LONGEST_NUMBER),
        "\u2028é漢",
    ],
)
def test_json_is_read_as_it_always_was(value):
    assert parse(json.dumps(value)) == parse(json.dumps(value, indent=1)) == value


def test_of_equal_keys_the_last_counts():
    assert parse('{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 10**6, "inside each other, in line 1"),
        ('{"a":\n' * 99 + "1" + "}" * 99, f"inside each other, in line {DEEPEST + 1}"),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "inside each other"),
        ("[]," * (MOST_LISTS + 1), "more than 2,097,152 lists and objects"),
        ("[\n" + "9" * 5000 + "]", "a number that is too long or too large, in line 2"),
        ("-" + "1" * (LONGEST_NUMBER + 1), "too long or too large"),
        ("1e999", "too long or too large"),
        ("[1E+0100]", "too long or too large"),
        ("[NaN]", "NaN is no number"),
        ("-Infinity", "-Infinity is no number"),
    ],
)
def test_what_no_file_of_ours_has_is_refused(text, message):
    with pytest.raises(BadJson) as refusal:
        parse(text)
    assert message in refusal.value.message
    assert refusal.value.line is None


def test_a_slip_of_the_pen_has_its_place():
    with pytest.raises(BadJson) as refusal:
        parse('{\n "a": 1,\n}')
    assert (refusal.value.line, refusal.value.column) == (3, 1)


@pytest.mark.parametrize(
    "text", ['"', '["\\', '[[[["' + "[" * 99, "\ufeff[]", "", "[1] 2", "{1: 2}"]
)
def test_what_is_cut_off_or_goes_on_is_refused(text):
    with pytest.raises(BadJson):
        parse(text)


def test_the_deepest_that_is_read_is_far_from_the_end_of_the_stack():
    text = "[" * DEEPEST + "]" * DEEPEST
    limit = sys.getrecursionlimit()
    depth, frame = 0, sys._getframe()
    while frame:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(depth + 2 * DEEPEST)
    try:
        assert json.dumps(parse(text)) == text
    finally:
        sys.setrecursionlimit(limit)
