"""What a replay cannot use is named, all at once: a file with its line, an option with a remedy."""

import json
import os
from pathlib import Path

import pytest

from pagereel.cli.commands.figures.replay import replay_workload
from pagereel.errors import InputWrong
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.replays import workload_form, workloads
from pagereel.replays.memory import read_memory
from pagereel.replays.plan import covering
from pagereel.replays.wishes import ReplayWishes

HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
AZURE = HEADER + "".join(f"2023-11-16 18:15:{second:02}.5,300,20\n" for second in range(30))
MOONCAKE = '{"timestamp": 1, "input_length": 600, "output_length": 2, "hash_ids": [1, 2]}\n' * 8
WORKLOAD = {
    "config": {"num_blocks": 12, "block_size": 4},
    "requests": [{"id": "a", "prompt": [1, 2, 3, 4, 5], "num_output_tokens": 6}],
}


def mistakes(path, **asked):
    with pytest.raises(InputWrong) as caught:
        replay_workload(ReplayWishes(path, **asked), "json")
    return str(caught.value).replace(str(path), "FILE").splitlines()


@pytest.mark.parametrize(
    ("name", "content", "lines"),
    [
        ("t.csv", "", ["FILE: empty; replay takes workload documents (JSON), Azure traces (CSV)"]),
        ("t.csv", " \n\n", ["FILE: empty; replay takes"]),
        ("t.csv", b"\x89PNG\r\n\x1a\n\0\0", ["FILE:1: not UTF-8 text; replay takes"]),
        ("t.csv", b"a\nb\0", ["FILE:2: not text: it has zero bytes; replay takes"]),
        ("t.csv", AZURE.encode("utf-16"), ["FILE:1: not UTF-8 text; replay takes"]),
        ("t.csv", "a;b;c\n1;2;3\n", ["FILE: a log of no known form; its first row: a='1', b='2'"]),
        ("t.csv", HEADER, ["FILE:1: the trace has no requests"]),
        (
            "t.csv",
            AZURE + "2023-11-16 18:16:00,-5,3\n2023-11-16 18:16:00,99999999999,3\n"
            "9999-11-16 18:16:00,5,3\n",
            [
                "FILE:32: lengths must be at least 1, not -5 and 3",
                "FILE:33: lengths must be at most 16,777,216 tokens",
                "FILE:34: comes more than 2,147,483,648 steps after the first request",
            ],
        ),
        ("t.jsonl", MOONCAKE + "{}\n[\n", ["FILE:9: without timestamp", "FILE:10: not JSON"]),
        ("t.json", "{\n 'a': 1}", ["FILE:2:2: Expecting property name"]),
        ("t.json", "[" * 100_000, ["FILE: no JSON that can be read"]),
        ("t.json", "[1]", ["FILE: a workload is an object with config and requests, not [1]"]),
        ("t.json", '{"config": {}}', ["FILE: there is no list of requests"]),
        ("t.json", '{"requests": []}', ["FILE: requests: there are none"]),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_where(write, name, content, lines):
    found = mistakes(write(name, content))
    assert len(found) == len(lines)
    for line, start in zip(found, lines, strict=True):
        assert line.startswith(start)


def test_a_file_that_is_not_there_or_half_packed_is_named(tmp_path, write):
    assert mistakes(tmp_path / "none.csv") == ["FILE: cannot be read: No such file or directory"]
    assert mistakes(tmp_path) == ["FILE: cannot be read: Is a directory"]
    whole = write("t.csv.gz", AZURE)
    whole.write_bytes(whole.read_bytes()[:60])
    assert mistakes(whole)[0].startswith("FILE: a broken gzip file")


def test_all_mistakes_of_a_workload_are_named_with_their_places(write):
    wrong = {
        "config": {"num_block": 4, "block_size": 0.5, "policy": "lifo", "watermark": True},
        "requests": [
            7,
            {"id": "a", "prompt": [], "num_output_tokens": 0},
            {"id": "b", "prompt": [1, -2], "num_output_token": 3},
            {"id": None, "prompt": [1], "output": [2], "n": 0, "arrival": -1, "abort": "x"},
            {"id": "c", "prompt": [1], "output": [2], "cache_salt": "\ud800", "priority": 0.5},
            {"id": "d", "prompt": [1], "output": [2]},
            {"id": "d", "prompt": [1], "output": [2]},
        ],
    }
    assert mistakes(write("w.json", json.dumps(wrong))) == [
        "FILE: config: unknown key 'num_block'; did you mean `num_blocks`?",
        "FILE: config.block_size: must be a whole number, not 0.5",
        "FILE: config.watermark: must be a number, not True",
        "FILE: requests[0]: must be an object, not 7",
        "FILE: requests[1].prompt: must be a list of at least one token id, not []",
        "FILE: requests[1].num_output_tokens: must be 1 to 16,777,216, not 0",
        "FILE: requests[2].num_output_token: unknown; did you mean `num_output_tokens`?",
        "FILE: requests[2].prompt[1]: a token id is 0 to 4,294,967,295, not -2",
        "FILE: requests[2].num_output_tokens: is missing",
        "FILE: requests[3].id: must be text or a number",
        "FILE: requests[3].arrival: must be 0 to 2,147,483,648, not -1",
        "FILE: requests[3].abort: must be 0 to 2,147,483,648, not 'x'",
        "FILE: requests[3].n: must be 1 to 4,096, not 0",
        "FILE: requests[4].priority: must be -2147483648 to 2,147,483,648, not 0.5",
        "FILE: requests[4].cache_salt: must be text or null, not '\\ud800'",
        "FILE: requests[6].id: 'd' is that of requests[5]",
    ]


def test_what_vllm_would_refuse_of_a_config_is_told_in_its_words(write):
    config = {"block_size": 0, "max_num_seqs": 9, "max_num_batched_tokens": 8, "policy": "lifo"}
    assert mistakes(write("w.json", json.dumps({**WORKLOAD, "config": config}))) == [
        "FILE: config: block_size must be at least 1",
        "FILE: config: max_num_batched_tokens must be >= max_num_seqs",
        "FILE: config: policy must be fcfs or priority",
    ]
    config = {"enable_chunked_prefill": False, "max_num_batched_tokens": 10}
    assert mistakes(write("w.json", json.dumps({**WORKLOAD, "config": config}))) == [
        "FILE: without chunked prefill max_num_batched_tokens must be >= max_model_len"
    ]


PLAIN = {"id": "a", "prompt": [1, 2, 3], "num_output_tokens": 4}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"arrival": "0"}, "arrival: must be 0 to 2,147,483,648, not '0'"),
        ({"n": 4096, "num_output_tokens": 10**6}, "all samples together have 4,096,012,288 tokens"),
        ({"id": "x" * 201}, "id: must be text of at most 200 characters, not 'xxx"),
        ({"id": "\ud800"}, "id: must be text of at most 200 characters, not '\\ud800'"),
        ({"num_output_tokens": 10**30}, "num_output_tokens: must be 1 to 16,777,216"),
    ],
)
def test_a_request_that_cannot_be_meant_is_named(write, entry, told):
    (found,) = mistakes(write("w.json", json.dumps({"requests": [PLAIN | entry]})))
    assert told in found and len(found) < 200


@pytest.mark.parametrize("key", ["arrival", "n", "abort", "max_tokens", "cache_salt"])
def test_null_is_as_good_as_nothing(write, capsys, key):
    for name, entry in (("without.json", PLAIN), ("null.json", PLAIN | {key: None})):
        path = write(name, json.dumps({**WORKLOAD, "requests": [entry]}))
        replay_workload(ReplayWishes(path), "json")
    told = [json.loads(line)["lanes"] for line in capsys.readouterr().out.splitlines()]
    assert told[0] == told[1]


def test_more_requests_than_can_be_replayed_are_refused(write, monkeypatch):
    monkeypatch.setattr(workloads, "MOST_REQUESTS", 20)
    assert mistakes(write("t.csv", AZURE)) == [
        "FILE: more than 20 requests; take the first of them with --limit"
    ]
    monkeypatch.setattr(workload_form, "MOST_REQUESTS", 20)
    many = json.dumps({**WORKLOAD, "requests": [PLAIN | {"n": 21}]})
    assert mistakes(write("w.json", many)) == [
        "FILE: requests: with all samples they are 21; at most 20"
    ]


@pytest.mark.parametrize("limit", [7, 10**30])
def test_a_limit_may_be_any_number(write, capsys, limit):
    replay_workload(ReplayWishes(write("t.csv", AZURE), limit=limit), "json")
    assert json.loads(capsys.readouterr().out)["workload"]["requests"] == min(limit, 30)


def test_of_a_long_log_no_more_is_read_than_its_first_requests_take(write, capsys, monkeypatch):
    long = write("t.csv.gz", AZURE + "2023-11-16 18:16:00,300,20\n" * 100_000 + "\0")
    monkeypatch.setattr(workloads, "MOST_BYTES", 2**20)
    assert mistakes(long) == [
        "FILE: unpacked it is larger than 1 MiB; take the first of them with --limit"
    ]
    replay_workload(ReplayWishes(long, limit=9), "json")
    assert json.loads(capsys.readouterr().out)["workload"]["requests"] == 9


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.csv", HEADER + "\n" + "1" * (2**20 + 1), "FILE:3: a line of more than 1,048,576"),
        ("t.csv", b"PAR1\x15\0\x15", "with --columns; this is a Parquet file"),
        ("t.csv", HEADER.encode() + b"caf\xe9", "FILE:2: not UTF-8 text; replay takes"),
        ("w.json", '{"requests": [' + "9" * 5000 + "]}", "no JSON that can be read: a number that"),
        ("w.json", '{"requests": NaN}', "FILE: no JSON that can be read: NaN is no number"),
        ("w.json", '{"requests": ["' + "x" * 2**25, "a workload document of more than 33,554,432"),
    ],
)
def test_what_is_beyond_any_traffic_is_refused(write, name, content, told):
    (found,) = mistakes(write(name, content))
    assert told in found


def test_a_fifo_is_no_traffic(tmp_path, pagereel):
    os.mkfifo(tmp_path / "fifo")
    done = pagereel("replay", tmp_path / "fifo")
    assert done.returncode == 1
    assert "fifo: cannot be read: a FIFO, not a file" in done.stderr


def test_many_mistakes_are_counted(write):
    rows = "2023-11-16 18:16:00,0,3\n" * 50
    assert mistakes(write("t.csv", AZURE + rows))[-1] == "and 30 more"


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        (
            {"lanes": "paged/vlm,Orca,paged,paged"},
            [
                "--lanes: no lane 'paged/vlm'; did you mean `paged/vllm`?",
                "--lanes: no lane 'Orca'; did you mean `contiguous/max`, `contiguous/pow2` or",
                "--lanes: paged is named twice",
            ],
        ),
        (
            {"lanes": "paged/vllm", "options": ("nonsense", "paged/paper.watermark=1")},
            [
                "--option 'nonsense': write LANE.NAME=VALUE",
                "--option 'paged/paper.watermark=1': 'paged/paper' is not replayed",
            ],
        ),
        (
            {"lanes": "paged/vllm", "options": ("paged/vllm.max_num_seq=4",)},
            ["--option paged/vllm: no option max_num_seq"],
        ),
        (
            {"lanes": "paged/vllm", "options": ("paged/vllm.max_num_seqs=many",)},
            ["--option paged/vllm: max_num_seqs must be a whole number from 1, not 'many'"],
        ),
        (
            {"lanes": "contiguous/pow2", "max_len": 1000},
            ["--max-len 1000: contiguous/pow2 halves it down to blocks; take 512 or 1024"],
        ),
        ({"lanes": ","}, ["--lanes: name at least one of contiguous, contiguous/max"]),
        ({"states": Path("s.jsonl")}, ["--states: FILE names no tokens; take a workload document"]),
    ],
)
def test_what_cannot_be_replayed_is_named_with_a_remedy(write, asked, lines):
    found = mistakes(write("t.csv", AZURE), **asked)
    assert len(found) == len(lines)
    for line, start in zip(found, lines, strict=True):
        assert line.startswith(start)


@pytest.mark.parametrize(
    ("budget", "count"),
    [("1MiB", 2**20), ("1.5 GiB", 3 * 2**29), ("2gb", 2 * 10**9), ("3000000B", 3_000_000)],
)
def test_a_budget_has_a_number_and_a_unit(budget, count):
    assert read_memory("gpt2", budget, 4).byte_count == count


def test_a_budget_that_is_none_and_a_model_that_is_none_are_named_together():
    with pytest.raises(InputWrong) as caught:
        read_memory("llama-3.1-8", "lots", 16)
    model, budget = str(caught.value).splitlines()
    assert "no model 'llama-3.1-8'; did you mean `llama-3.1-8b`?" in model
    assert "give a number and a unit" in budget
    with pytest.raises(InputWrong, match=r"0 blocks \(a block of 16 takes 2,097,152 bytes\)"):
        read_memory("llama-3.1-8b", "1MiB", 16)
    with pytest.raises(InputWrong, match="a replay takes 2 to"):
        read_memory("gpt2", "999999999TiB", 1)


@pytest.mark.parametrize(("tokens", "covered"), [(1, 16), (16, 16), (17, 32), (33, 64), (65, 128)])
def test_max_len_is_a_power_of_two_of_blocks(tokens, covered):
    assert covering(tokens, 16) == covered


def test_a_config_of_blocks_that_are_none_is_refused_not_divided_by():
    with pytest.raises(ValueError, match="block_size must be at least 1"):
        VllmConfig(block_size=0)
