"""A log in many settings: every row is a replay's, and what is asked for is read with care."""

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

import pagereel
from pagereel.cli.app import app
from pagereel.errors import InputWrong
from pagereel.replays.sweeps import tables
from pagereel.replays.sweeps.axes import combinations, read_axes
from pagereel.replays.wishes import ReplayWishes

LOG = "TIMESTAMP,ContextTokens,GeneratedTokens\n" + "".join(
    f"2023-11-16 18:15:{second:02}.5,{300 + 40 * second},{1 + 3 * second}\n" for second in range(30)
)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(LOG)
    return path


def replay(*words):
    return CliRunner().invoke(app, ["replay", *map(str, words)], catch_exceptions=True)


def axes(*texts, **asked):
    return read_axes(texts, ReplayWishes("log.csv", **asked))


def test_every_row_is_the_replay_of_its_settings(log):
    over = {"kv-memory": ["320MiB", "1GiB"], "block-size": [16, 32]}
    rows = pagereel.sweep(log, over)
    assert [row["lane"] for row in rows] == ["contiguous/max"] * 4 + ["paged/vllm"] * 4
    for row in rows:
        alone = pagereel.replay(
            log, [row["lane"]], kv_memory=row["kv-memory"], block_size=int(row["block-size"])
        )
        (told,) = alone.sums()
        for name in ("finished", "steps", "preemptions", "computed", "turned_away", "occupancy"):
            assert row[name] == told[name], (row, name)
        waits = alone.document()["lanes"][0]["waits"]
        assert [row[f"waited_steps_{rank}"] for rank in ("p50", "p95", "p99")] == [*waits.values()]
    assert any(row["preemptions"] for row in rows)
    assert any(row["waited_steps_p95"] for row in rows)
    with ThreadPoolExecutor(2) as executor:
        assert pagereel.sweep(log, over, executor=executor) == rows


def test_rows_go_to_the_screen_and_to_files(log, tmp_path):
    out, drawn = tmp_path / "rows.csv", tmp_path / "chart.svg"
    words = [log, "--sweep", "kv-memory=320MiB,1GiB,2GiB", "--sweep", "paged/vllm.max_num_seqs=4,8"]
    done = replay(*words, "--csv", out, "--chart", drawn, "--jobs", 1)
    assert done.exit_code == 0, done.output
    assert "30 requests, 9 replays" in done.output
    assert "A step counts as 50 ms: an assumption" in done.output
    enough = done.output.split("turned away:\n")[1].splitlines()
    assert enough[0] == "  contiguous/max: 320MiB"
    assert enough[1] == "  paged/vllm, max_num_seqs 4: 1GiB"
    rows = list(csv.DictReader(out.open()))
    assert len(rows) == 9
    assert rows[0]["paged/vllm.max_num_seqs"] == ""
    assert {row["kv-memory"] for row in rows} == {"320MiB", "1GiB", "2GiB"}
    assert "2 GiB" in drawn.read_text()
    assert max(map(len, done.output.split("Written")[0].splitlines())) <= 110
    told = json.loads(replay(*words, "--jobs", 1, "--json").stdout)
    assert told["workload"]["requests"] == 30
    assert [row["steps"] for row in told["rows"]] == [int(row["steps"]) for row in rows]


def test_rows_are_written_as_parquet_where_pyarrow_is(log, tmp_path, monkeypatch):
    file = tmp_path / "rows.parquet"
    words = [log, "--lanes", "paged/vllm", "--sweep", "block-size=16,32", "--parquet", file]
    monkeypatch.setattr(tables.importlib, "import_module", missing)
    assert "pip install 'pagereel[parquet]'" in str(replay(*words).exception)
    assert not file.exists()
    written = {}
    fake = SimpleNamespace(
        table=lambda data: written.update(data) or "table",
        write_table=lambda table, file: file.write(table.encode()),
    )
    monkeypatch.setattr(tables.importlib, "import_module", lambda name: fake)
    assert replay(*words, "--jobs", 1).exit_code == 0
    assert file.read_bytes() == b"table"
    assert written["block-size"] == ["16", "32"]
    assert {type(value) for value in written["hit_rate"]} == {float}


def missing(name):
    raise ImportError(name)


def test_ranges_are_even_and_both_ends_are_there():
    (memory, size) = axes("kv-memory=20..80GiB:7", "block-size=8..64:8")
    assert memory.values == tuple(f"{amount}GiB" for amount in range(20, 81, 10))
    assert size.values == ("8", "16", "24", "32", "40", "48", "56", "64")
    assert axes("kv-memory=1..2GiB:4")[0].values == ("1GiB", "1.333GiB", "1.667GiB", "2GiB")


def test_a_lanes_own_setting_is_not_swept_for_others():
    wishes = ReplayWishes("log.csv", options=("paged/vllm.max_num_seqs=9",))
    given = axes("block-size=8,16", "paged/vllm.max_num_batched_tokens=512,1024,2048")
    made = combinations(given, wishes)
    assert [one.lane for one in made] == ["contiguous/max"] * 2 + ["paged/vllm"] * 6
    assert made[0].wishes.options == ()
    assert made[-1].wishes.options == (
        "paged/vllm.max_num_seqs=9",
        "paged/vllm.max_num_batched_tokens=2048",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kv-memry=3GiB", "did you mean `kv-memory`"),
        ("kv-memory=3,4GiB", "'3' is not a number and a unit: 40GiB"),
        ("kv-memory=3..x", "NAME=FIRST..LAST:COUNT"),
        ("kv-memory=9..3GiB:4", "a range goes up"),
        ("kv-memory=1..2GiB:999", "999 values; at most 256"),
        ("block-size=16,16", "16 is there twice"),
        ("block-size", "write NAME=VALUE"),
        ("tp=0", "'0' is not 1 to 1,024 GPUs"),
        ("kv-dtype=int3", "'int3' is not"),
        ("paged/nobody.max_num_seqs=1", "cannot be swept"),
    ],
)
def test_what_cannot_be_swept_is_refused(text, told):
    with pytest.raises(InputWrong, match="--sweep ") as caught:
        axes(text)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--sweep", "tp=1,3"], "cannot be shared by 3 GPUs"),
        (["--sweep", "block-size=8", "--block-size", "8"], "--block-size is given as well"),
        (["--sweep", "block-size=8", "--record", "x.gz"], "--record: is kept of one replay"),
        (["--sweep", "kv-dtype=fp8,bfloat16", "--chart", "x.svg"], "--chart: sweep a number"),
        (["--sweep", "block-size=8,16", "--chart", "x.gif"], "must end with .svg or .png"),
        (["--csv", "x.csv"], "--csv: is written of a --sweep"),
        (["--sweep", "block-size=8", "--csv", "a", "--chart", "a"], "name the same file"),
        (["--sweep", "block-size=1..200:200", "--sweep", "tp=1,2,4,8"], "more than 1,000 replays"),
    ],
)
def test_what_does_not_go_together_is_refused(log, words, told):
    done = replay(log, *words)
    assert isinstance(done.exception, InputWrong)
    assert told in str(done.exception)
