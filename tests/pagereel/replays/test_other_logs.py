"""Logs that are no published trace: read by their columns, or refused with those that would do."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pagereel.errors import InputWrong
from pagereel.replays.logs import LogWishes
from pagereel.replays.workloads import TrafficFormat, read_traffic


def read(path, step_ms=1000.0, limit=None, **asked):
    return read_traffic(path, step_ms, limit, LogWishes(**asked))


def shape(traffic):
    return [(r.arrival, len(r.prompt), len(r.output)) for r in traffic.requests]


def lines(*entries):
    return "".join(json.dumps(entry) + "\n" for entry in entries)


AZURE_2024 = (
    "TIMESTAMP,ContextTokens,GeneratedTokens\n"
    "2024-05-10 00:00:00.009930+00:00,2162,5\n2024-05-10 00:00:03.010+00:00,2399,6\n"
)
AZURE_2025 = (
    "TIMESTAMP,NumImages,ContextTokens,GeneratedTokens\n"
    "2025-01-01 00:00:00,1,100,5\n2025-01-01 00:00:03.1,0,200,6\n"
)
BURSTGPT = (
    "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
    "5,ChatGPT,472,18,490,Conversation log\n45,ChatGPT,1087,230,1317,Conversation log\n"
    "118,GPT-4,417,0,417,API log\n"
)
CHAT = lines(
    {"created": 1700000000, "usage": {"prompt_tokens": 20, "completion_tokens": 3}},
    {"created": 1700000007, "usage": {"prompt_tokens": 30, "completion_tokens": 4}},
)
BATCH = lines(
    {
        "custom_id": "a",
        "response": {
            "body": {
                "created": 1700000000,
                "usage": {"prompt_tokens": 20, "completion_tokens": 3, "details": {"cached": 1}},
            }
        },
    }
)
RESPONSES = lines({"created_at": 1700000000.5, "usage": {"input_tokens": 20, "output_tokens": 3}})
BENCH = {"input_lens": [7, 8], "output_lens": [3, 0], "start_times": [81.5, 99.0], "itls": [[], []]}
SHAREGPT = [
    {"id": "x", "conversations": [{"from": "human", "value": "one two"},
                                  {"from": "gpt", "value": "three four five"}]},
    {"id": "y", "conversations": [{"from": "human", "value": "alone"}]},
    {"id": "z", "conversations": [{"from": "human", "value": "one two six"},
                                  {"from": "gpt", "value": "seven"}]},
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "title", "expected"),
    [
        ("a.csv", AZURE_2024, "", [(0, 2162, 5), (3, 2399, 6)]),
        ("a.csv", AZURE_2025, "Azure LLM inference trace", [(0, 100, 5), (3, 200, 6)]),
        ("b.csv", BURSTGPT, "BurstGPT trace", [(0, 472, 18), (40, 1087, 230)]),
        ("c.jsonl", CHAT, "log of an OpenAI-like server", [(0, 20, 3), (7, 30, 4)]),
        ("c.log", BATCH, "log of an OpenAI-like server", [(0, 20, 3)]),
        ("c.jsonl", RESPONSES, "log of an OpenAI-like server", [(0, 20, 3)]),
        ("d.json", json.dumps(BENCH), "result of vllm bench serve", [(0, 7, 3)]),
        ("d.json", json.dumps(BENCH, indent=1), "result of vllm bench serve", [(0, 7, 3)]),
    ],
)
def test_well_known_logs_are_known_by_their_columns(write, name, text, title, expected):
    traffic = read(write(name, text))
    assert (traffic.title, shape(traffic)) == (title, expected)


def test_requests_without_an_answer_are_left_out_and_counted(write):
    assert read(write("b.csv", BURSTGPT)).left_out == 1
    assert read(write("d.json", json.dumps(BENCH))).left_out == 1


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("when;in;out\n1.5;10;2\n3.5;11;3\n", "arrival=when,prompt=in,output=out",
         [(0, 10, 2), (2, 11, 3)]),
        ("when\tin\tout\n1500\t10\t2\n3500\t11\t3\n", "arrival=when:ms,prompt=in,output=out",
         [(0, 10, 2), (2, 11, 3)]),
        ("in,out\n10,2\n11,3\n", "prompt=in,output=out", [(0, 10, 2), (1, 11, 3)]),
        (lines({"t": "2026-01-01T00:00:09Z", "n": {"p": 10, "o": 2}}),
         "arrival=t,prompt=n.p,output=n.o", [(0, 10, 2)]),
    ],
)  # fmt: skip
def test_any_log_is_read_by_the_columns_that_are_named(write, text, columns, expected):
    traffic = read(write("mine.txt", text), columns=columns)
    assert (traffic.format, shape(traffic)) == (TrafficFormat.LOG, expected)


def test_without_arrivals_requests_come_evenly_at_a_rate_that_is_said(write):
    path = write("mine.csv", "in,out\n10,2\n11,3\n")
    traffic = read(path, columns="prompt=in,output=out", rate=0.25)
    assert (traffic.evenly, [r.arrival for r in traffic.requests]) == (0.25, [0, 4])
    older = {"input_lens": [7, 8], "output_lens": [3, 4], "request_rate": 0.5}
    bench = read(write("d.json", json.dumps(older)))
    assert (bench.evenly, shape(bench)) == (0.5, [(0, 7, 3), (2, 8, 4)])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "started_at,model,prompt_len,max_out,gen_tokens\n2026-01-01 00:00,x,10,99,2\n",
            ["its first row: started_at='2026-01-01 00:00', model='x', prompt_len='10'",
             "--columns arrival=started_at,prompt=prompt_len,output=gen_tokens "],
        ),
        (
            lines({"ts": 3, "req": {"input_tokens": 10}, "answer": {"tokens": 4}}),
            [
                "first row: ts=3, req.input_tokens=10",
                "--columns arrival=ts,prompt=req.input_tokens,output=answer.tokens ",
            ],
        ),
        ("a,b\n1,2\n", ["--columns 'arrival=?,prompt=?,output=?'"]),
    ],
)  # fmt: skip
def test_a_log_that_nobody_knows_shows_its_first_row_and_what_would_read_it(write, text, told):
    with pytest.raises(InputWrong) as refused:
        read(write("mine.log", text))
    assert all(part in str(refused.value) for part in told)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ("in", "write arrival=COLUMN,prompt=COLUMN,output=COLUMN"),
        ("prompt=in", "says nothing of output"),
        ("prompt=in,output=nothing", "no column 'nothing'; its first row: in='ten'"),
    ],
)
def test_columns_that_are_not_there_are_told(write, columns, told):
    with pytest.raises(InputWrong, match="--columns: ") as refused:
        read(write("mine.csv", "in,out\nten,2\n"), columns=columns)
    assert told in str(refused.value)


def test_rows_that_are_wrong_are_told_with_their_lines(write):
    text = "t,in,out\n1,ten,2\nnever,10,2\n3,10\n4,10,2\n"
    with pytest.raises(InputWrong) as refused:
        read(write("mine.csv", text), columns="arrival=t,prompt=in,output=out")
    assert [line.split(":", 1)[1] for line in str(refused.value).splitlines()] == [
        "4: 2 columns, 3 expected"
    ]
    with pytest.raises(InputWrong) as refused:
        read(
            write("mine.csv", text.replace("3,10\n", "")), columns="arrival=t,prompt=in,output=out"
        )
    assert [line.split(":", 1)[1] for line in str(refused.value).splitlines()] == [
        "2: in must be a whole number, not 'ten'",
        "3: t: 'never' is no time",
    ]


def test_conversations_become_tokens_by_a_tokenizer(write, monkeypatch):
    path = write("s.json", json.dumps(SHAREGPT))
    with pytest.raises(InputWrong, match="are words; give a --tokenizer"):
        read(path)
    words = ["one", "two", "three", "four", "five", "six", "seven", "alone"]

    class Tokenizer:
        @staticmethod
        def from_file(name):
            return Tokenizer()

        def encode(self, text, add_special_tokens):
            return SimpleNamespace(ids=[words.index(word) for word in text.split()])

    monkeypatch.setitem(sys.modules, "tokenizers", SimpleNamespace(Tokenizer=Tokenizer))
    traffic = read(path, tokenizer=Path("tokenizer.json"), rate=0.5)
    assert shape(traffic) == [(0, 2, 3), (2, 3, 1)]
    assert traffic.requests[0].prompt == traffic.requests[1].prompt[:2] == (0, 1)
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(InputWrong, match="pip install tokenizers"):
        read(path, tokenizer=Path("tokenizer.json"))
