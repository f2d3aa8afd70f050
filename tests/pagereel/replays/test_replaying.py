"""`pagereel replay`: three formats in, tables or JSON out, every mistake named with its place."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pagereel.cli.app import app
from pagereel.cli.commands.figures.replay import replay_workload
from pagereel.errors import InputWrong, MachineFailed
from pagereel.model.sizing.known import KNOWN
from pagereel.replays.report import duration
from pagereel.replays.wishes import ReplayWishes

from places import ROOT, TESTS

FIXTURES = TESTS / "fixtures" / "vllm"
CASES = sorted(path.stem for path in (FIXTURES / "cases").glob("*.json"))
FOUR = "contiguous/max,contiguous/oracle,paged/paper,paged/vllm"
AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens\n" + "".join(
    f"2023-11-16 18:15:{second:02}.5,{300 + 40 * second},{1 + 3 * second}\n" for second in range(30)
)
MOONCAKE = "".join(
    json.dumps(
        {
            "timestamp": 1000 * turn,
            "input_length": 600 + 100 * turn,
            "output_length": 20,
            "hash_ids": list(range(-(-(600 + 100 * turn) // 512))),
        }
    )
    + "\n"
    for turn in range(8)
)
WORKLOAD = {
    "config": {"num_blocks": 12, "block_size": 4},
    "requests": [
        {"id": "a", "prompt": [1, 2, 3, 4, 5], "num_output_tokens": 6},
        {"id": "b", "arrival": 1, "prompt": [1, 2, 3, 4, 9], "num_output_tokens": 3, "n": 2},
    ],
}


@pytest.fixture
def results(capsys):
    def replayed(path, **asked):
        replay_workload(ReplayWishes(path, **asked), "json")
        return json.loads(capsys.readouterr().out)

    return replayed


def mistakes(path, **asked):
    with pytest.raises(InputWrong) as caught:
        replay_workload(ReplayWishes(path, **asked), "json")
    return str(caught.value).replace(str(path), "FILE").splitlines()


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize(
    ("name", "text", "found", "count"),
    [
        ("t.csv", AZURE, "azure", 30),
        ("t.jsonl", MOONCAKE, "mooncake", 8),
        ("t.json", json.dumps(WORKLOAD), "workload", 3),
        ("t.json", json.dumps(WORKLOAD, indent=1), "workload", 3),
        ("no-suffix", AZURE, "azure", 30),
        ("wrong.csv", MOONCAKE, "mooncake", 8),
        ("wrong.jsonl", json.dumps(WORKLOAD), "workload", 3),
    ],
)
def test_each_format_is_known_by_its_content(write, results, name, text, found, count, packed):
    result = results(write(name + packed, text))
    assert result["workload"]["format"] == found
    assert result["workload"]["requests"] == count
    for lane in result["lanes"]:
        assert lane["sums"]["finished"] == count


def test_every_lane_serves_the_same_tokens_and_its_parts_add_up(write, results):
    result = results(write("t.csv", AZURE), lanes=FOUR, kv_memory="1 GiB")
    assert [lane["lane"] for lane in result["lanes"]] == FOUR.split(",")
    parts = ("stored", "reserved", "internal", "external", "cached", "free")
    for lane in result["lanes"]:
        assert lane["sums"]["sampled"] == sum(1 + 3 * second for second in range(30))
        total = sum(lane["means"][part] for part in parts)
        assert total == pytest.approx(lane["capacity"], abs=1e-4)
        for point in lane["curve"]:
            assert sum(point[part] for part in parts) == lane["capacity"]
    occupancy = {lane["lane"]: lane["means"]["occupancy"] for lane in result["lanes"]}
    assert occupancy["contiguous/max"] < occupancy["paged/vllm"]


def test_the_arithmetic_of_the_memory_is_exact(write, results):
    memory = results(write("t.csv", AZURE), model="llama-3.1-8b", kv_memory="40GiB")["memory"]
    assert memory["bytes_per_token"] == 2 * 8 * 128 * 2 * 32
    assert memory["slots"] == 40 * 2**30 // memory["bytes_per_token"] == 327_680
    assert memory["blocks"] * memory["block_size"] == memory["slots"]
    assert memory["max_len"] == 2048


def test_prefixes_of_a_mooncake_trace_are_hit(write, results):
    result = results(write("t.jsonl", MOONCAKE), lanes="paged/paper,paged/vllm")
    hits = {lane["lane"]: lane["sums"]["hit_rate"] for lane in result["lanes"]}
    assert hits["paged/paper"] == 0
    assert hits["paged/vllm"] > 0.5


def test_the_length_of_a_step_and_the_limit_are_the_callers(write, results):
    path = write("t.csv", AZURE)
    few = results(path, step_ms=1000.0, limit=3, lanes="paged/vllm")
    assert few["step_ms"] == 1000
    assert few["lanes"][0]["sums"]["finished"] == 3
    whole = results(path, step_ms=1000.0, lanes="paged/vllm")["lanes"][0]["sums"]
    assert 29 < whole["steps"] < 200
    assert results(path, lanes="paged/vllm")["lanes"][0]["sums"]["steps"] > 580


def test_engine_options_reach_the_engine(write, results):
    path = write("t.csv", AZURE)
    options = ("paged/vllm.max_num_seqs=2", "paged/vllm.enable_prefix_caching=false")
    (lane,) = results(path, lanes="paged/vllm", options=options)["lanes"]
    assert lane["settings"]["max_num_seqs"] == 2
    assert lane["sums"]["peak_running"] == 2
    assert lane["means"]["cached"] == 0


def test_the_config_of_a_workload_rules(write):
    path = write("w.json", json.dumps(WORKLOAD))
    found = mistakes(path, model="gpt2", kv_memory="1GiB", step_ms=3.0, options=("a.b=1",))
    assert [line.split(":")[0] for line in found] == [
        "--model",
        "--kv-memory",
        "--step-ms",
        "--option",
    ]
    assert mistakes(path, lanes="paged/paper", states=Path("s")) == [
        "--states: writes the states of paged/vllm; name it in --lanes"
    ]


def test_a_request_larger_than_the_memory_is_counted_and_named(write, capsys):
    rows = "2023-11-16 18:17:00,90000,3\n"
    path = write("t.csv", AZURE + rows)
    replay_workload(ReplayWishes(path, lanes=FOUR, kv_memory="1GiB"), "text")
    text = capsys.readouterr().out
    assert re.search(r"turned away( +1){4}\n", text)
    for lane in FOUR.split(","):
        assert f"{lane} turned away 1 that can never fit: r31 (" in text


def test_a_trace_of_which_nothing_fits_has_no_means(write, results, capsys):
    path = write("t.csv", AZURE)
    (lane,) = results(path, lanes="paged/vllm", kv_memory="8MiB")["lanes"]
    assert (lane["sums"]["finished"], len(lane["turned_away"])) == (0, 30)
    (lane,) = results(path, lanes="paged/vllm", kv_memory="8MiB", limit=1)["lanes"]
    assert lane["sums"] is None and lane["means"] is None and lane["curve"] == []
    replay_workload(ReplayWishes(path, lanes="paged/vllm", kv_memory="8MiB", limit=1), "text")
    assert re.search(r"requests finished +-\n", capsys.readouterr().out)


@pytest.mark.parametrize("name", CASES)
def test_the_states_of_a_case_are_the_recorded_ones_to_the_byte(name, tmp_path, capsys):
    states = tmp_path / "states.jsonl"
    case = FIXTURES / "cases" / f"{name}.json"
    replay_workload(ReplayWishes(case, lanes="paged/vllm", states=states), "text")
    with gzip.open(FIXTURES / "golden" / f"{name}.jsonl.gz") as golden:
        assert states.read_bytes() == golden.read()
    assert [path.name for path in tmp_path.iterdir()] == ["states.jsonl"]


def test_states_are_written_whole_or_not_at_all(write, tmp_path):
    config = {"num_blocks": 4, "block_size": 4, "max_model_len": 4}
    path = write("w.json", json.dumps({**WORKLOAD, "config": config}))
    (line,) = mistakes(path, states=tmp_path / "s.jsonl")
    assert line.startswith("--states: nothing is written, for vLLM would refuse: request a needs")
    assert [path.name for path in tmp_path.iterdir()] == ["w.json"]
    good = write("w.json", json.dumps(WORKLOAD))
    with pytest.raises(MachineFailed, match="cannot write"):
        replay_workload(ReplayWishes(good, states=tmp_path / "none" / "s.jsonl"), "json")


def test_states_are_those_of_the_table_or_there_are_none(write, tmp_path):
    config = {"num_blocks": 4, "block_size": 4, "max_model_len": 40}
    large = {"id": "large", "prompt": [1] * 20, "num_output_tokens": 2}
    path = write("w.json", json.dumps({"config": config, "requests": [large]}))
    states = tmp_path / "s.jsonl"
    with pytest.raises(InputWrong, match="stalled at step 1 with 1 requests waiting"):
        replay_workload(ReplayWishes(path, lanes="paged/vllm", states=states), "json")
    config |= {"reserve_full_isl": False, "enable_prefix_caching": False}
    config["max_num_batched_tokens"] = 8
    path.write_text(json.dumps({"config": config, "requests": [large]}))
    with pytest.raises(InputWrong, match="requests are preempted for ever"):
        replay_workload(ReplayWishes(path, lanes="paged/vllm", states=states), "json")
    assert not states.exists()


def test_the_tables_fit_a_terminal_and_end_where_a_lane_ends(write, capsys):
    replay_workload(ReplayWishes(write("t.csv", AZURE), lanes=FOUR, kv_memory="512MiB"), "text")
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    assert "131,072 bytes a token" in text
    assert "A step counts as 50 ms: an assumption (--step-ms), nothing was measured" in text
    rows = re.findall(r"^ +[\d,]+  \(.*$", text, re.MULTILINE)
    assert len(rows) == 12
    assert rows[-1].rstrip().endswith("-") and "0+0   0.0 %" in rows[-1]


def test_more_than_four_lanes_come_in_several_tables(write, capsys):
    lanes = FOUR + ",contiguous,contiguous/static,contiguous/dynamic,paged,contiguous/pow2"
    replay_workload(ReplayWishes(write("t.csv", AZURE), lanes=lanes, limit=4), "text")
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    assert text.count("requests finished") == 3


def test_durations_have_two_units():
    assert [duration(ms) for ms in (50, 61_000, 3_600_000)] == [
        "0.05 s",
        "1 min 01 s",
        "1 h 00 min",
    ]


def test_the_command_ends_with_one_message_and_exit_code_1(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("nothing\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pagereel", "replay", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{path}: a log of no known form; it has no rows")


def test_the_command_hands_its_options_on(write):
    path = write("t.csv", AZURE)
    words = [
        "replay",
        str(path),
        "--lanes",
        "paged/vllm",
        "--limit",
        "2",
        "--points",
        "3",
        "--json",
    ]
    done = CliRunner().invoke(app, [*words, "--option", "paged/vllm.max_num_seqs=1"])
    (lane,) = json.loads(done.stdout)["lanes"]
    assert lane["sums"]["finished"] == 2
    assert lane["settings"]["max_num_seqs"] == 1
    assert 1 <= len(lane["curve"]) <= 3


def test_a_replay_imports_nothing_heavy():
    heavy = ("manim", "av", "pydantic", "numpy", "yaml", "rich")
    code = (
        "import sys; from pagereel.cli.commands.figures.replay import replay_workload\n"
        "from pagereel.replays.wishes import ReplayWishes\n"
        "from pathlib import Path\n"
        "case = Path('tests/fixtures/vllm/cases/01-free-queue-order.json')\n"
        "replay_workload(ReplayWishes(case, lanes='paged/vllm'), 'json')\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_model_s_own_configuration_and_its_gpus_size_the_memory(write, results, tmp_path):
    model = tmp_path / "mine" / "config.json"
    model.parent.mkdir()
    model.write_text(json.dumps(KNOWN["gemma-3-27b"]), "utf-8")
    path = write("t.csv", AZURE)
    asked = {"model": str(model), "kv_memory": "1GiB", "lanes": "paged/vllm"}
    alone = results(path, **asked)["memory"]
    shared = results(path, **asked, tensor=4, pipeline=2, kv_dtype="fp8")["memory"]
    assert (alone["model"], alone["bytes_per_token"]) == ("mine", 62 * 2 * 16 * 128 * 2)
    assert shared["bytes_per_token"] == 31 * 2 * 4 * 128


def test_the_head_says_how_many_gpus_share_the_model(write, capsys):
    asked = {"model": "gpt-oss-20b", "kv_memory": "1GiB", "lanes": "paged/vllm", "tensor": 8}
    replay_workload(ReplayWishes(write("t.csv", AZURE), **asked), "text")
    told = capsys.readouterr().out.splitlines()[1:4]
    assert told == [
        "gpt-oss-20b: 24 layers x 2 x 1 heads x 64 x 2 bytes = 6,144 bytes a token",
        "8 GPUs share each layer; K/V memory and bytes are those of one GPU",
        "every layer keeps every token here, as vLLM does with --disable-hybrid-kv-cache-manager",
    ]


def test_gpus_that_cannot_share_the_model_are_told(write):
    wrong = mistakes(write("t.csv", AZURE), tensor=3)
    assert wrong[0] == "--model llama-3.1-8b: 32 query heads cannot be shared by 3 GPUs"
