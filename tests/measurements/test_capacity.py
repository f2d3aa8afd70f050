"""How many requests fit: found by halving, believed only if every trial can be what it says."""

import copy
from pathlib import Path

import pytest

from pagereel.measured.charts import NothingMeasured, Opened, make_chart
from pagereel.measurements.checks.verify import verify
from pagereel.measurements.modelled.predict import predict_capacity
from pagereel.measurements.protocol.capacity import Trial, largest, search, stopped
from pagereel.measurements.protocol.plan import METHODS, PRESETS, plan
from pagereel.measurements.records.record import RecordRefused

import synthetic_record

PAGED, STATIC = "vllm", "batch-static"


@pytest.fixture(scope="module")
def genuine():
    return synthetic_record.record()


@pytest.fixture
def document(genuine):
    return copy.deepcopy(genuine)


def filled(document, method):
    return next(
        entry["filled"]
        for entry in document["cells"]
        if entry.get("filled") and entry["cell"]["method"] == method
    )


def reasons(document):
    with pytest.raises(RecordRefused) as caught:
        verify(synthetic_record.sealed(document))
    return "\n".join(caught.value.reasons)


@pytest.mark.parametrize("fit", [0, 1, 5, 24])
def test_halving_finds_the_number_that_fits_and_tries_one_more(fit):
    trials = search(24, lambda count: Trial(count, "" if count <= fit else "refused", 1, 0, 0))
    tried = {trial.requests for trial in trials}
    assert largest(trials) == fit and len(trials) <= 5
    assert {fit, fit + 1} & set(range(1, 25)) <= tried
    assert stopped(trials) == ("refused" if fit < 24 else "")


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_tries_only_methods_that_run_requests_together(preset, device):
    cells = [cell for cell in plan(preset, device) if cell.kind == "capacity"]
    assert {PAGED, STATIC} <= {cell.method for cell in cells}
    assert all(METHODS[cell.method].batched and not cell.trace for cell in cells)


def test_rows_that_fit_are_the_budget_over_a_row(genuine):
    entry = next(e for e in verify(genuine).filled() if e.cell.method == STATIC)
    assert predict_capacity(entry) == entry.cell.cell.rows == 2


def test_a_larger_number_than_its_trials_give_is_told(document):
    filled(document, PAGED)["largest"] += 1
    assert "not what its trials give" in reasons(document)


def test_a_trial_that_was_left_out_is_told(document):
    filled(document, PAGED)["trials"].pop()
    assert "not those of a search" in reasons(document)


def test_a_trial_that_fits_though_a_row_more_has_no_room_is_told(document):
    found = filled(document, STATIC)
    worst = next(trial for trial in found["trials"] if trial["requests"] == 3)
    worst |= {"ended": "", "live": 3, "held": found["trials"][-1]["held"]}
    assert "another size than its rows" in reasons(document)


def test_half_a_block_and_too_few_steps_are_told(document):
    trial = next(t for t in filled(document, PAGED)["trials"] if not t["ended"])
    trial["held"] -= 1
    trial["steps"] = 3
    said = reasons(document)
    assert "no whole blocks" in said and "steps is 3, where these requests come to" in said


def test_a_cpu_that_claims_to_have_run_out_of_memory_is_told(document):
    for trial in filled(document, STATIC)["trials"]:
        trial["ended"] = trial["ended"] and "out of memory"
    assert "cannot have ended `out of memory`" in reasons(document)


def test_capacity_in_a_cell_that_served_is_told(document):
    document["cells"][0]["filled"] = filled(document, PAGED)
    assert "those of another kind of cell" in reasons(document)


def test_a_record_of_before_capacity_cells_is_still_good(document):
    document["cells"] = [entry for entry in document["cells"] if entry["measured"]]
    assert "not those of the preset" in reasons(document)
    old = synthetic_record.sealed(document | {"format": "pagereel-record/1"})
    opened = Opened(verify(old), Path("x.json"))
    with pytest.raises(NothingMeasured, match="none for this chart"):
        make_chart(opened, "capacity", "instruct")


@pytest.mark.parametrize(
    ("device", "said"), [("cpu", "2, then over the budget"), ("cuda", "16, then out of memory")]
)
def test_the_chart_says_what_one_more_came_to_and_what_the_model_says(device, said):
    opened = Opened(verify(synthetic_record.record(device)), Path("x.json"))
    chart = make_chart(opened, "capacity", "instruct")
    rows = {row.title: row for row in chart.body.rows}
    assert rows["StaticCache, batches"].label == said
    assert all(row.modelled == row.value for row in rows.values())
    assert f"StaticCache in batches fits {said.split(',')[0]} requests at once" in chart.finding
