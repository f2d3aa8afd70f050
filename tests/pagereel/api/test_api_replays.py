"""Traffic in Python: through lanes, with sums and a curve as flat records."""

import json
import subprocess

import pytest

import pagereel

TRAFFIC = "TIMESTAMP,ContextTokens,GeneratedTokens\n" + "".join(
    f"2023-11-16 18:15:{second:02}.5,{40 + 37 * second % 300},{90 + 7 * second % 60}\n"
    for second in range(60)
)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("traffic") / "ours.csv"
    path.write_text(TRAFFIC, "utf-8")
    return path


@pytest.fixture(scope="module")
def result(log):
    return pagereel.replay(log, lanes=("contiguous/max", "paged/vllm"), kv_memory="1GiB")


def test_the_same_as_the_command_prints(result, log, command, environment):
    def printed(*options):
        words = [*command, "replay", str(log), "--kv-memory", "1GiB", *options]
        return subprocess.run(words, env=environment, capture_output=True, text=True).stdout

    assert printed() == f"{result}\n"
    document = json.loads(printed("--json", "--points", "1024"))
    assert document == json.loads(json.dumps(result.document()))


def test_a_lane_has_its_sums_in_one_flat_record(result):
    contiguous, paged = result.sums()
    assert (contiguous["lane"], paged["lane"]) == ("contiguous/max", "paged/vllm")
    assert contiguous["finished"] == paged["finished"] == 60
    assert contiguous["mean_stored"] <= contiguous["peak_stored"] <= contiguous["capacity"]
    assert 0 < contiguous["utilisation"] < paged["utilisation"] <= 1
    assert contiguous.keys() == paged.keys()


def test_the_curve_has_a_flat_record_for_each_moment_of_a_lane(result):
    rows = result.rows()
    assert len({tuple(row) for row in rows}) == 1
    assert {type(value) for row in rows for value in row.values()} <= {int, float, str}
    assert [row["step"] for row in rows if row["lane"] == "paged/vllm"] == sorted(
        {row["step"] for row in rows if row["lane"] == "paged/vllm"}
    )
    assert rows[0]["ms"] == rows[0]["step"] * 50
    assert {row["lane"] for row in rows} == {"contiguous/max", "paged/vllm"}


def test_engine_settings_and_ends_are_those_of_the_command(log):
    limited = pagereel.replay(log, ["paged/vllm"], kv_memory="1GiB", until=100, limit=30,
                              options={"paged/vllm.max_num_seqs": 2})  # fmt: skip
    (sums,) = limited.sums()
    assert sums["peak_running"] == 2 and sums["steps"] == 100
    assert repr(limited) == "<ReplayResult: 30 requests through paged/vllm>"


def test_mistakes_are_told_in_the_words_of_the_command(log, tmp_path):
    with pytest.raises(pagereel.InputWrong, match="did you mean `paged/vllm`"):
        pagereel.replay(log, ["paged/vlm"])
    with pytest.raises(pagereel.InputWrong, match="--kv-memory"):
        pagereel.replay(log, kv_memory="a lot")
    with pytest.raises(pagereel.InputWrong, match=r"no\.csv"):
        pagereel.replay(tmp_path / "no.csv")
