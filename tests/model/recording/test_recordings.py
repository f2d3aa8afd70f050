"""Recordings: what a replay keeps is what the lanes had, and a file is believed only when checked.

All are made here, from traffic of our own; the trace of real vLLM is the one that was measured.
"""

import gzip
import hashlib
import json
import os
from dataclasses import replace

import pytest

from pagereel.cli.commands.figures.replay import replay_workload
from pagereel.errors import InputWrong
from pagereel.model.allocators.kinds import build_for_replay
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.allocators.recorded import RecordedLane, RecordingEnds
from pagereel.model.core.request import Request
from pagereel.model.core.state import Phase
from pagereel.model.recording import read as reading
from pagereel.model.recording.data import BadRecording
from pagereel.model.recording.keeper import Stretch, StretchRecorder
from pagereel.model.recording.read import read_recording
from pagereel.model.replay.driver import replay
from pagereel.model.replay.meter import StateKeeper
from pagereel.model.traces.compare import state_difference
from pagereel.read import StoryboardProblems, read
from pagereel.replays.recordings import Unusable, load, parse_stretch
from pagereel.replays.wishes import ReplayWishes

LANES = ["contiguous", "contiguous/max", "contiguous/pow2", "paged", "paged/paper", "paged/vllm"]


def lines_of(path):
    return gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)


def changed(path, change):
    """The file with its documents changed, and with a digest that fits them."""
    documents = [json.loads(line) for line in lines_of(path)[:-1]]
    change(documents)
    texts = [json.dumps(document) + "\n" for document in documents]
    digest = hashlib.sha256("".join(texts).encode()).hexdigest()
    texts.append(json.dumps({"end": {"lines": len(texts), "sha256": digest}}) + "\n")
    return texts


def alive(state):
    over = (Phase.FINISHED, Phase.ABORTED)
    return replace(state, requests=tuple(r for r in state.requests if r.phase not in over))


@pytest.mark.parametrize("kind", LANES)
def test_a_recorded_state_is_the_one_that_the_lane_had(recorded, kind):
    found = load(recorded(lanes=kind, kv_memory="256MiB", step_ms=500.0, stretch="0:120:4"))
    spec = LaneSpec("lane", kind, "", 2048 - 16 * (kind == "paged/vllm"), 16, 1024)
    if kind.startswith("paged/"):
        tokens = 8192 if kind == "paged/vllm" else 2560
        options = {"max_num_seqs": 256, "max_num_batched_tokens": tokens}
        options |= {"max_model_len": 1024} if kind == "paged/vllm" else {}
        spec = replace(spec, options=tuple(options.items()))
    keeper = StateKeeper(4, 120)
    arrivals = {asked.id: asked for asked in found.requests}
    requests = [
        Request(a.id, range(i * 1000, i * 1000 + a.prompt), range(a.output), a.arrival)
        for i, a in enumerate(arrivals.values())
    ]
    replay(lambda: build_for_replay(spec), requests, keeper, until=120)

    steps = found.runs[0].steps
    assert len(steps) == len(keeper.states) == 30
    assert max(len(kept.sampled.waiting) for kept in steps) > 0
    for kept, (step, state) in zip(steps, keeper.states, strict=True):
        assert kept.step == step
        assert state_difference(alive(kept.sampled), alive(state)) == ""


def test_the_numbers_of_every_step_are_those_of_single_steps():
    spec = LaneSpec("lane", "paged/vllm", "", 64 * 16, 16, options=(("max_num_seqs", 4),))
    requests = [Request(f"r{i}", range(i * 99, i * 99 + 30), range(50), 3 * i) for i in range(9)]
    leaping = StretchRecorder(Stretch(10, 90, 20), build_for_replay(spec).snapshot())
    replay(lambda: build_for_replay(spec), requests, leaping)

    class EveryStep(StretchRecorder):
        def look(self, boundary, lane):
            assert boundary.count == 1
            if 10 < boundary.step <= 90:
                self.numbers.append(boundary.after.numbers())

        def horizon(self, step):
            return step + 1

    single = EveryStep(Stretch(10, 90, 1), build_for_replay(spec).snapshot())
    replay(lambda: build_for_replay(spec), requests, single)
    assert leaping.numbers == single.numbers
    assert len(leaping.numbers) == 80
    assert [step for step, _ in leaping.states] == [10, 30, 50, 70, 90]


def test_a_recording_says_where_its_requests_came_from_but_not_what_lies_around(recorded):
    path = recorded()
    found = load(path)
    assert (found.log.name, found.log.citation) == ("ours.csv", "Our log")
    assert (found.log.requests, found.log.step_ms) == (240, 50.0)
    assert found.log.sha256 == hashlib.sha256(path.with_name("ours.csv").read_bytes()).hexdigest()
    assert str(path.parent).encode() not in gzip.decompress(path.read_bytes())


def test_the_same_replay_writes_the_same_bytes(recorded):
    assert recorded().read_bytes() == recorded().read_bytes()


def test_a_stretch_may_begin_later_and_a_replay_may_end_early(recorded):
    found = load(recorded(stretch="400:800:100", until=900))
    assert [kept.step for kept in found.run("paged/vllm").steps] == [500, 600, 700, 800]
    assert found.run("paged/vllm").sums.steps == 900
    assert found.run("paged/vllm").start.running
    assert any(asked.arrival < 400 for asked in found.requests)


def test_a_recorded_lane_ends_with_its_recording(recorded):
    lane = RecordedLane(load(recorded()).run("paged/vllm"))
    for _ in range(20):
        lane.schedule()
        lane.update()
    with pytest.raises(RecordingEnds, match="after 20 steps"):
        lane.schedule()


def twice(documents):
    documents[0]["requests"]["id"][1] = "r1"


def other_version(documents):
    documents[0]["recording"] = 2


def a_block_twice(documents):
    table = next(d for d in documents[1:] if d.get("tables"))["tables"][0]
    table.append(table[-1])


def a_stranger(documents):
    next(d for d in documents[1:] if d.get("tables"))["tables"][0][0] = 9999


def a_step_left_out(documents):
    del documents[5]


def half_a_token(documents):
    documents[3]["running"] = [0.5]


def too_many_tokens(documents):
    documents[0]["requests"]["prompt"][0] = 2**23


def a_name_that_acts_on_terminals(documents):
    documents[0]["requests"]["id"][0] = "\x1b[31m"


def half_a_character(documents):
    documents[0]["log"]["citation"] = "\ud800"


def without_log(documents):
    del documents[0]["log"]


def numbers_that_do_not_add_up(documents):
    documents[1]["numbers"]["free"][3] += 1


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (twice, 1, "`id` names 'r1' twice"),
        (other_version, 1, "the form has version 2, not 1"),
        (a_block_twice, None, "no lane can be in this state"),
        (a_stranger, None, "`tables` names a request that is not there"),
        (a_step_left_out, None, "was to come here"),
        (half_a_token, 4, "`running` must hold whole numbers"),
        (too_many_tokens, 1, "more than 4,194,304 tokens"),
        (a_name_that_acts_on_terminals, 1, "`id` must be a list of texts of 1 to 40 characters"),
        (half_a_character, 1, "`citation` must be a text of at most 400 characters in one line"),
        (without_log, 1, "the line has no `log`"),
        (numbers_that_do_not_add_up, 2, "must add up to 8,192 slots"),
    ],
)
def test_a_recording_that_cannot_be_is_refused_with_its_line(recorded, change, line, message):
    with pytest.raises(BadRecording) as refusal:
        read_recording(changed(recorded(), change))
    assert message in refusal.value.message
    assert line in (None, refusal.value.line)
    assert refusal.value.remedy


def test_what_was_changed_after_it_was_made_is_refused(recorded):
    texts = lines_of(recorded())
    texts[4] = texts[4].replace('"running":[', '"running":[ ')
    with pytest.raises(BadRecording, match="the digest does not fit"):
        read_recording(texts)


@pytest.mark.parametrize("kept", [1, 2, 10])
def test_what_was_cut_off_between_lines_is_refused(recorded, kept):
    with pytest.raises(BadRecording, match="cut off"):
        read_recording(lines_of(recorded())[:kept])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-40], "the file ends too early"),
        (lambda data: b"", "the file ends too early"),
        (lambda data: b"PK" + data, "no gzip file"),
        (lambda data: gzip.compress(b"0" * (2**26 + 1)), "unpacked it is larger than 64 MiB"),
        (lambda data: bytes(2**23 + 1), "larger than 8 MiB"),
        (lambda data: gzip.compress(b"[\n]\n"), "line 1: this is no JSON"),
        (lambda data: gzip.compress(b"[]\n[]\n"), "line 1: the line is no JSON object"),
        (lambda data: gzip.compress(b"{}\n{}\n"), "line 1: this is no recording"),
        (lambda data: gzip.compress(b'{"workload": 0\n'), "the file ends here"),
        (lambda data: gzip.compress(b'{"workload": {}}\n{}\n{"summary": {}}\n'), "no record"),
        (lambda data: gzip.compress(b"\xff\n"), "not UTF-8"),
        (lambda data: gzip.compress(b"[" * 10**6), "the file ends here"),
    ],
)
def test_a_damaged_file_is_refused_in_one_line(recorded, damage, message):
    path = recorded()
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(Unusable) as refusal:
        load(path)
    assert message in refusal.value.message
    assert refusal.value.remedy


def pack(data):
    """Packed with no time in it: the tests are called after it."""
    return gzip.compress(data, mtime=0)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pack(b"{}\n") + b"more", "no gzip file, or a damaged one"),
        (pack(b"{}\n" * 4097), "line 4096: more than 4,096 lines"),
        (pack(b"[" * 99 + b"\n{}\n"), "line 1: this is no JSON"),
        (pack(b'{"recording": 1' + b"0" * 5000 + b"}\n{}\n"), "line 1: this is no JSON"),
        (pack(b"1" * (2**24 + 1)), "a line of more than 16,777,216 characters"),
        (pack(b"{\0}\n"), "not text: it has zero bytes"),
        (pack(b"\n" * 2**20) * 65, "unpacked it is larger than 64 MiB"),
    ],
)
def test_a_hostile_file_is_refused_in_one_line(tmp_path, data, message):
    (tmp_path / "r.jsonl.gz").write_bytes(data)
    with pytest.raises(Unusable) as refusal:
        load(tmp_path / "r.jsonl.gz")
    assert message in refusal.value.message and refusal.value.remedy


def test_a_recording_that_is_no_file_is_refused_at_once(tmp_path, write):
    os.mkfifo(tmp_path / "fifo.jsonl.gz")
    lanes = "lanes: {real: {kind: recorded}}"
    head = f"title: Fifo\nrecording: fifo.jsonl.gz\n{lanes}\n"
    with pytest.raises(StoryboardProblems, match="cannot be played: a FIFO, not a file"):
        read(write("fifo.yaml", head + "beats: [{title: A step, do: [step], say: Nothing.}]"))


def test_a_recording_whose_states_hold_more_than_can_be_kept_is_refused(recorded, monkeypatch):
    texts = lines_of(recorded())
    monkeypatch.setattr(reading, "MOST_HELD", 5000)
    with pytest.raises(BadRecording, match="more than 5,000 requests and blocks in all states"):
        read_recording(texts)


def test_a_recording_is_gone_through_line_by_line_and_twice(recorded):
    texts, passes = lines_of(recorded()), []

    class Passing:
        def __iter__(self):
            passes.append(0)
            for text in texts:
                passes[-1] += 1
                yield text

    assert read_recording(Passing()) == read_recording(texts)
    assert passes == [len(texts), len(texts) - 1]


@pytest.mark.parametrize("stretch", ["", "0:10", "0:10:0", "10:10:1", "0:900000:1", "0:9:-1", "x"])
def test_a_stretch_that_cannot_be_is_refused(stretch):
    with pytest.raises(InputWrong, match="--stretch"):
        parse_stretch(stretch)


@pytest.mark.parametrize("cite", ["\udce9", "two\nlines", "\x1b[31m", "x" * 401])
def test_a_citation_that_cannot_be_drawn_is_refused_before_the_replay(tmp_path, cite):
    wishes = ReplayWishes(tmp_path / "any.csv", record=tmp_path / "r.jsonl.gz", cite=cite)
    with pytest.raises(InputWrong, match="write one line of at most 400") as refusal:
        replay_workload(wishes, "json")
    assert str(refusal.value).isprintable()


def test_a_stretch_without_a_recording_is_refused(tmp_path):
    with pytest.raises(InputWrong, match="--record"):
        replay_workload(ReplayWishes(tmp_path / "any.csv", stretch="0:10:1"), "json")


@pytest.mark.parametrize("kind", ["paged/vlm", "contiguous", "recorded"])
def test_what_is_no_lane_of_today_cannot_be_played(recorded, write, kind):
    def renamed(documents):
        next(d for d in documents if d.get("kind") == "paged/vllm")["kind"] = kind

    path = recorded()
    path.write_bytes(gzip.compress("".join(changed(path, renamed)).encode()))
    lanes = f"lanes: {{real: {{kind: recorded, plays: {kind}}}}}"
    head = f"title: No lane\nmodel: llama-3.1-8b\nrecording: {path.name}\n{lanes}\n"
    with pytest.raises(StoryboardProblems, match="was recorded, which is no lane of today"):
        read(write("none.yaml", head + "beats: [{title: A step, do: [step], say: Nothing.}]"))
