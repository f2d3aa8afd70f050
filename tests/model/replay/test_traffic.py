"""Trace readers: two published formats in, requests out, every mistake reported at once."""

import pytest

from pagereel.model.replay.traffic import BadTrace, read_azure, read_mooncake

AZURE = """TIMESTAMP,ContextTokens,GeneratedTokens\r
2023-11-16 18:15:46.6805900,374,44\r
2023-11-16 18:15:46.7305900,396,109\r
2023-11-16 18:15:50.9951690,879,55\r
""".splitlines(keepends=True)

MOONCAKE = [
    '{"timestamp": 100, "input_length": 1300, "output_length": 5, "hash_ids": [0, 1, 2]}',
    '{"timestamp": 1200, "input_length": 1025, "output_length": 3, "hash_ids": [0, 1, 9]}',
    "",
]


def problems(reader, lines):
    with pytest.raises(BadTrace) as caught:
        reader(lines)
    return [tuple(problem) for problem in caught.value.problems]


def test_azure_rows_become_requests_that_share_nothing():
    requests = read_azure(AZURE)
    assert [request.id for request in requests] == ["r1", "r2", "r3"]
    assert [len(request.prompt) for request in requests] == [374, 396, 879]
    assert [len(request.output) for request in requests] == [44, 109, 55]
    tokens = [t for request in requests for t in (*request.prompt, *request.output)]
    assert len(set(tokens)) == len(tokens)
    assert max(tokens) < 2**32


def test_a_timestamp_becomes_the_step_that_it_falls_into():
    assert [request.arrival for request in read_azure(AZURE)] == [0, 1, 86]
    assert [request.arrival for request in read_azure(AZURE, step_ms=1000)] == [0, 0, 4]
    with pytest.raises(ValueError, match="step_ms must be positive"):
        read_azure(AZURE, step_ms=0)


def test_equal_hash_ids_are_equal_tokens_and_others_differ():
    first, second = (request.prompt for request in read_mooncake(MOONCAKE))
    assert first[:1024] == second[:1024]
    assert first[1024] != second[1024]
    assert (len(first), len(second)) == (1300, 1025)


def test_a_hashed_prompt_is_a_sequence_of_its_own_length():
    prompt = read_mooncake(MOONCAKE)[0].prompt
    assert list(prompt) == [prompt[place] for place in range(1300)]
    assert prompt[-1] == prompt[1299]
    assert prompt[1298:5000] == (prompt[1298], prompt[1299])
    with pytest.raises(IndexError):
        prompt[1300]


def test_mooncake_outputs_match_no_prompt():
    first, second = read_mooncake(MOONCAKE)
    assert not set(first.output) & {*first.prompt, *second.prompt, *second.output}
    assert second.arrival == 22


@pytest.mark.parametrize("lines", [[], ["\n"], ["a,b,c\n", "1,2,3\n"]])
def test_an_azure_trace_needs_its_columns(lines):
    ((line, message),) = problems(read_azure, lines)
    assert line == 1
    assert message.startswith("the columns must be TIMESTAMP, ContextTokens, GeneratedTokens, not")


def test_a_trace_without_requests_is_a_mistake():
    assert problems(read_azure, AZURE[:1]) == [(1, "the trace has no requests")]
    assert problems(read_mooncake, []) == [(1, "the trace has no requests")]


def test_all_mistakes_of_an_azure_trace_are_reported_with_their_lines():
    lines = [*AZURE, "yesterday,1,2\n", "2023-11-16 18:15:51,-4,2\n", "2023-11-16 18:15:52,7\n"]
    lines += ["2023-11-16 18:15:53,many,2\n"]
    assert problems(read_azure, lines) == [
        (5, "'yesterday' is no timestamp"),
        (6, "lengths must be at least 1, not -4 and 2"),
        (7, "2 columns, 3 expected"),
        (8, "'many' and '2' must be whole numbers"),
    ]


def test_all_mistakes_of_a_mooncake_trace_are_reported_with_their_lines():
    good = '{"timestamp": %s, "input_length": %s, "output_length": %s, "hash_ids": %s}'
    lines = [
        "{",
        "[1]",
        '{"timestamp": 1}',
        good % ("NaN", 1, 1, "[1]"),
        good % (1, '"1"', 1, "[1]"),
        good % (1, 1, 0, "[1]"),
        good % (1, 513, 1, "[1]"),
        good % (1, 1, 1, "[true]"),
        good % (1, 1, 1, "[-1]"),
    ]
    numbers = "timestamp must be a number, input_length and output_length whole numbers"
    assert problems(read_mooncake, lines) == [
        (1, "not JSON"),
        (2, "not a JSON object"),
        (3, "without input_length, output_length, hash_ids"),
        (4, numbers),
        (5, numbers),
        (6, "lengths must be at least 1, not 1 and 0"),
        (7, "513 tokens are 2 blocks, but there are 1 hash_ids"),
        (8, "hash_ids must be a list of whole numbers"),
        (9, "hash_ids must be from 0 to 4194303"),
    ]
    with pytest.raises(BadTrace, match="line 9: hash_ids must be"):
        read_mooncake(lines)
