"""A record is believed only if everything in it can be computed again: tampering is caught."""

import base64
import copy
import json
import os
import shutil
import zlib

import pytest

from pagereel.measured.records import open_record
from pagereel.measurements.checks.verify import verify
from pagereel.measurements.records.record import RecordRefused, schema
from pagereel.measurements.records.summary import quartiles
from pagereel.measurements.samples.packed import Damaged, pack, unpack
from pagereel.storage.incoming import Unreadable

import synthetic_record
from places import ROOT

RESULTS = ROOT / "measurements" / "results"


@pytest.fixture(scope="module")
def genuine():
    return synthetic_record.record()


@pytest.fixture
def document(genuine):
    return copy.deepcopy(genuine)


def cell(document, method="vllm"):
    return next(c for c in document["cells"] if c["cell"]["method"] == method)


def change_steps(document, method, name, index, value):
    run = cell(document, method)["measured"]["runs"][0]
    columns = unpack(run["steps"])
    columns[name][index] = value
    run["steps"] = pack(columns)


def reasons(document):
    with pytest.raises(RecordRefused) as caught:
        verify(document)
    return "\n".join(caught.value.reasons)


def test_a_genuine_record_is_good(genuine):
    assert len(verify(genuine).ok()) == 10


def test_a_genuine_record_of_a_gpu_is_good_too():
    found = verify(synthetic_record.record("cuda"))
    assert len(found.ok()) == 10 and found.machine.gpu == 1


def test_a_gpu_record_without_the_monitor_s_samples_is_told():
    document = synthetic_record.record("cuda")
    cell(document)["measured"]["memory"] = None
    assert "needs the monitor's samples" in reasons(synthetic_record.sealed(document))


def test_a_gpu_record_with_another_machine_s_samples_is_told():
    document = synthetic_record.record("cuda")
    document["machine"]["gpus"][1]["total"] = 2**36
    assert "not of this machine's GPUs" in reasons(synthetic_record.sealed(document))


def test_an_edit_without_a_new_seal_is_told(document):
    document["machine"]["cpu"] = "A faster CPU"
    assert "changed after it was made" in reasons(document)


def test_a_better_summary_than_the_samples_give_is_told(document):
    cell(document)["summary"]["tokens_per_s"]["median"] *= 2
    assert "not what the raw samples give" in reasons(synthetic_record.sealed(document))


def test_more_used_than_held_is_told(document):
    change_steps(document, "vllm", "used", 3, 2**40)
    assert "out of order" in reasons(synthetic_record.sealed(document))


def test_half_a_block_is_told(document):
    change_steps(document, "vllm", "held", 3, 73728 * 300)
    assert "no whole blocks" in reasons(synthetic_record.sealed(document))


def test_half_a_row_is_told(document):
    change_steps(document, "batch-static", "reserved", 3, 73728 * 1000)
    change_steps(document, "batch-static", "held", 3, 73728 * 1000)
    assert "no whole rows" in reasons(synthetic_record.sealed(document))


def test_time_that_runs_backwards_is_told(document):
    change_steps(document, "vllm", "at_us", 3, 1)
    assert "backwards" in reasons(synthetic_record.sealed(document))


def test_another_workload_than_the_seeded_one_is_told(document):
    cell(document)["measured"]["workload"]["sha256"] = "1" * 64
    assert "not the seeded one" in reasons(synthetic_record.sealed(document))


def test_other_lengths_than_the_chart_will_name_are_told(document):
    cell(document)["measured"]["workload"]["output_mean"] = 338.0
    assert "other lengths than it says" in reasons(synthetic_record.sealed(document))


def test_an_engine_that_ran_otherwise_than_planned_is_told(document):
    cell(document)["measured"]["facts"] |= {"block_size": 16, "pool_bytes": 2**31}
    said = reasons(synthetic_record.sealed(document))
    assert "blocks have 16 tokens, where 32 were planned" in said
    assert "larger than the budget" in said and "other bytes are reserved" in said


def test_a_recorded_trace_that_is_gone_or_another_is_told(tmp_path):
    (source,) = RESULTS.glob("2026-11-20-cpu.json")
    for path in RESULTS.glob(f"{source.stem}.*"):
        shutil.copy(path, tmp_path)
    first, second = sorted(tmp_path.glob("*.gz"))
    first.write_bytes(first.read_bytes() + b" ")
    second.unlink()
    with pytest.raises(RecordRefused) as caught:
        open_record(tmp_path / source.name)
    said = "\n".join(caught.value.reasons)
    assert f"{first.name} is not the one" in said and f"{second.name} is missing" in said


def test_emulation_is_told(document):
    document["machine"]["emulated"] = True
    assert "emulation" in reasons(synthetic_record.sealed(document))


def test_gpu_samples_on_a_cpu_are_told(document):
    memory = {"hz": 25, "missing": "", "samples": pack({"at_us": [1, 2, 3]})}
    cell(document)["measured"]["memory"] = memory
    assert "carries no GPU figures" in reasons(synthetic_record.sealed(document))


def test_a_gpu_record_without_a_gpu_is_told(document):
    document["machine"]["device"] = "cuda"
    assert "names its GPUs" in reasons(synthetic_record.sealed(document))


def test_a_failed_cell_with_numbers_is_told(document):
    cell(document)["status"] = "failed"
    assert "and yet has numbers" in reasons(synthetic_record.sealed(document))


def test_tokens_of_another_model_are_told(document):
    cell(document, "hf-paged")["measured"]["tokens"] = pack({"ids": list(range(200))})
    assert "greedy tokens differ" in reasons(synthetic_record.sealed(document))


def test_a_missing_cell_is_told(document):
    del document["cells"][2]
    assert "not those of the preset" in reasons(synthetic_record.sealed(document))


def test_more_than_the_budget_is_told(document):
    change_steps(document, "vllm", "reserved", 3, 2**31)
    assert "more reserved than the budget" in reasons(synthetic_record.sealed(document))


def test_a_column_that_cannot_be_unpacked_is_told(document):
    cell(document)["measured"]["tokens"] = {"ids": "bm90IGRlZmxhdGVk"}
    with pytest.raises((RecordRefused, Damaged)):
        verify(synthetic_record.sealed(document))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("machine", "cpu"), "x" * 5000),
        (("machine", "cpu"), "\x1b[31mred"),
        (("machine", "vllm"), "half \ud800"),
        (("machine", "cores"), 10**30),
        (("made",), "2026-11-20T10:19:47Z\n"),
        (("cells",), []),
        (("\x1b[31m" + "k" * 500,), 1),
    ],
)
def test_what_no_machine_says_of_itself_is_refused_in_short_lines(document, place, value):
    part = document
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    with pytest.raises(RecordRefused) as caught:
        verify(document)
    assert max(map(len, caught.value.reasons)) < 200
    assert all(reason.isprintable() for reason in caught.value.reasons)


def test_samples_that_would_fill_the_memory_are_told_before_they_are_unpacked(document):
    many = {"ids": base64.b64encode(zlib.compress(b"[" + b"0," * 2**23 + b"0]", 9)).decode()}
    cell(document)["measured"]["tokens"] = many
    assert "more than 16 MiB unpacked" in reasons(document)


@pytest.mark.parametrize(
    ("method", "key", "value", "said"),
    [
        ("vllm", "block_size", 0, "a paged method has blocks"),
        ("batch-static", "block_size", 16, "and no other has"),
        ("vllm", "budget_bytes", 2**50, "larger than any that can be planned"),
        ("batch-static", "max_len", 2**20, "more tokens than can be planned"),
    ],
)
def test_a_cell_that_could_not_be_played_again_is_told(document, method, key, value, said):
    cell(document, method)["cell"][key] = value
    assert said in reasons(synthetic_record.sealed(document))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 10**5, "not JSON: more than 32 lists and objects inside each other, in line 1"),
        ('{\n"a": NaN}', "not JSON: NaN is no number"),
        ('{\n"a"}', "not JSON: Expecting ':' delimiter in line 2"),
        ("[]", "not JSON: it is no object"),
        ('{"format": ' + "9" * 5000 + "}", "not JSON: a number that is too long"),
    ],
)
def test_a_file_that_is_no_record_is_told(tmp_path, text, said):
    path = tmp_path / "record.json"
    path.write_text(text, "utf-8")
    with pytest.raises(RecordRefused) as caught:
        open_record(path)
    assert str(caught.value).startswith(f"{path}: {said}")


def test_a_record_that_is_a_fifo_or_far_too_large_is_told(tmp_path, pagereel):
    os.mkfifo(tmp_path / "fifo.json")
    done = pagereel("measure", "--validate", tmp_path / "fifo.json")
    assert done.returncode == 1 and "a FIFO, not a file" in done.stderr
    done = pagereel("charts", tmp_path / "fifo.json", "-o", tmp_path)
    assert done.returncode == 1 and "a FIFO, not a file" in done.stderr
    (tmp_path / "large.json").write_bytes(b" " * (2**22 + 1))
    with pytest.raises(Unreadable, match="larger than 4 MiB"):
        open_record(tmp_path / "large.json")


def test_an_unknown_key_is_told(document):
    document["note"] = "trust me"
    assert "note" in reasons(document)


def test_packing_loses_nothing():
    columns = {"a": [5, 3, 10**15, -4], "b": [0, 0, 0, 0]}
    assert unpack(pack(columns)) == columns


def test_quartiles_are_those_of_the_inclusive_method():
    assert quartiles([4, 1, 3, 2]) == {"median": 2.5, "q1": 1.75, "q3": 3.25, "n": 4}
    assert quartiles([7])["q3"] == 7


def test_the_schema_of_records_is_json():
    assert json.loads(schema())["title"] == "Record"


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*.json")), ids=lambda path: path.stem)
def test_a_committed_record_is_good_and_small(path):
    record = open_record(path)
    assert {entry.status for entry in record.cells} == {"ok"}
    assert not record.protocol.dirty
    assert path.stat().st_size < 2_000_000


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*-cpu.json")), ids=lambda path: path.stem)
def test_the_model_of_transformers_paged_cache_is_right_in_every_step(path):
    from pagereel.measurements.modelled.predict import predict

    steps = 0
    for entry in open_record(path).served():
        if entry.cell.method == "hf-paged":
            modelled = [(m.live, m.held, m.used) for m in predict(entry)]
            for run in entry.runs:
                assert [(s.live, s.held, s.used) for s in run.samples] == modelled
            steps += len(modelled)
    assert steps == 402 + 50


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*-cpu.json")), ids=lambda path: path.stem)
def test_on_a_cpu_the_model_is_right_for_vllm_and_static_caches(path):
    from pagereel.measurements.modelled.predict import compare

    for entry in open_record(path).served():
        if entry.cell.method in ("vllm", "batch-static", "seq-static"):
            found = compare(entry)
            assert found.live_equal, entry.cell.cell.name
            assert found.worst <= 1, entry.cell.cell.name
