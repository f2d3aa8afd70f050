"""Recorded lanes in storyboards: real vLLM beside its model, and crowds drawn as fields."""

import gzip
import shutil

import pytest

from pagereel.model.core.sizes import human_time
from pagereel.model.play import play
from pagereel.model.readings.readings import Readings
from pagereel.model.readings.recordings import WholeReplay
from pagereel.model.traces.compare import state_difference
from pagereel.read import StoryboardProblems, read
from pagereel.render.layout import look
from pagereel.replays.recordings import Unusable, load
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.picture import Rect, Text

from places import ROOT

RESULTS = ROOT / "measurements" / "results"
CHAT, FOUR = (RESULTS / f"2026-11-20-cpu.gpt2-{name}-vllm.jsonl.gz" for name in ("chat", "four"))
STORY = """\
title: Our own log
model: llama-3.1-8b
recording: ours.jsonl.gz
lanes:
  held: {kind: recorded, plays: contiguous/max, title: Reserved}
  paged: {kind: recorded, plays: paged/vllm, title: Paged}
beats:
  - title: A while later
    do: [step: 12]
    say: "After {recording.seconds} s {paged.running} run and {paged.waiting} wait."
    expect: [recording.step == 480, paged.running > held.running, paged.replay.finished == 240]
"""


def test_real_vllm_and_the_model_are_equal_step_for_step(write):
    real = load(CHAT)
    order = list(real.runs[0].start.memory.free)
    board = read(
        write(
            "chat.yaml",
            f"""\
title: Chat
model: gpt2
recording: {CHAT}
lanes:
  real: {{kind: recorded, equals: model}}
  model: {{kind: paged/vllm, slots: 4064, block_size: 32, max_num_seqs: 256,
    max_num_batched_tokens: 4096, max_model_len: 512, enable_prefix_caching: false,
    free_order: {order}}}
beats:
  - title: As far as a storyboard goes
    do: [step: 250]
    say: "{{real.running}} run."
    expect: [real.stored == model.stored, real.r5.table == model.r5.table, real.running > 1]
""",
        )
    )
    steps = play(board).beats[0].steps
    assert len(steps) == 500
    assert max(len(step.lane("real").state.waiting) for step in steps) > 0
    assert all(
        state_difference(step.lane("real").state, step.lane("model").state) == "" for step in steps
    )


def test_where_the_model_parts_from_the_recording_the_storyboard_is_refused(write):
    text = (ROOT / "tests" / "valid" / "recorded.yaml").read_text("utf-8")
    text = text.replace("../../", f"{ROOT}/").replace("[1, 9, 7", "[1, 7, 9")
    with pytest.raises(StoryboardProblems) as refusal:
        read(write("parted.yaml", text))
    assert "it differs from `model` in step 1, scheduled" in str(refusal.value)
    assert "table of r1: (9,) recorded, (7,) modelled" in str(refusal.value)


def test_a_trace_is_shown_only_with_the_record_that_vouches_for_it(tmp_path):
    trace = tmp_path / FOUR.name
    shutil.copy(FOUR, trace)
    with pytest.raises(Unusable, match="no record 2026-11-20-cpu"):
        load(trace)
    shutil.copy(RESULTS / "2026-11-20-cpu.json", tmp_path)
    assert load(trace).runs[0].source.startswith("vLLM 0.32.0, ")
    text = gzip.decompress(trace.read_bytes()).replace(b'"running":["r0"', b'"running":[ "r0"', 1)
    trace.write_bytes(gzip.compress(text))
    with pytest.raises(Unusable, match="it was changed"):
        load(trace)


def test_what_was_not_recorded_cannot_be_read(write):
    text = (ROOT / "tests" / "valid" / "recorded.yaml").read_text("utf-8")
    text = text.replace("../../", f"{ROOT}/").replace("{real.held}", "{real.refusals}")
    with pytest.raises(StoryboardProblems, match=r"unknown name `real\.refusals`"):
        read(write("unknown.yaml", text))


def test_a_storyboard_plays_a_recording_of_its_own_log(recorded, write):
    recorded()
    board = read(write("own.yaml", STORY))
    played = play(board).beats[0]
    assert played.caption.startswith("After 24 s ")
    assert len(board.scripts) == 160 == len(board.recording.requests)


def test_a_model_beside_a_replay_is_refused(recorded, write):
    recorded()
    lanes = "lanes:\n  more: {kind: paged, slots: 64}\n"
    with pytest.raises(StoryboardProblems, match="a model beside a recording needs every step"):
        read(write("own.yaml", STORY.replace("lanes:\n", lanes)))


@pytest.mark.parametrize("aspect", CANVASES)
@pytest.mark.parametrize("above", ["prompt", "arrivals"])
def test_a_crowd_is_drawn_with_a_cell_a_block_and_no_names_but_of_the_queues_head(
    recorded, write, above, aspect
):
    recorded()
    board = read(write("own.yaml", STORY.replace("beats:", f"above: {above}\nbeats:")))
    assert look(play(board), aspects=[aspect]).faults == ()
    timeline = play(board)
    shapes = compose_beat(timeline, 0, CANVASES[aspect])[-1].shapes
    lane = timeline.beats[0].end.lane("paged")
    cells = [s for s in shapes if isinstance(s, Rect) and s.key.startswith("lane/paged/block/")]
    assert len([s for s in cells if not s.key.endswith("/filled")]) == 511
    assert len(cells) < 511 + len(lane.state.running)
    names = {s.text for s in shapes if isinstance(s, Text) and s.text.startswith("r")}
    assert len(names & {request.id for request in lane.state.requests}) < 16
    assert len(shapes) < 2000


def test_the_recording_of_the_course_comes_from_the_trace_that_it_cites():
    found = load(ROOT / "storyboards" / "recordings" / "azure-first-minute.jsonl.gz")
    assert "CC-BY; Patel et al., ISCA 2024" in found.log.citation
    assert found.log.requests == 19_366
    assert found.model == "llama-3.1-8b"
    assert found.run("paged/vllm").start.capacity + 16 == 10 * 2**30 // 131_072


ALONE = f"""\
title: Alone
recording: {FOUR}
model: {{layers: 12, kv_heads: 12, head_dim: 64}}
gpu: {{name: A100, memory: 40 GiB, weights: 26 GB, source: me}}
lanes: {{real: {{kind: recorded}}}}
beats:
  - title: After nineteen steps of real vLLM
    do: [step: 19]
    say: "{{gpu.block_size}} slots a block."
    beside: free-queue
"""


@pytest.mark.parametrize("aspect", CANVASES)
def test_the_free_queue_of_a_recorded_lane_is_that_of_the_engine(write, aspect):
    timeline = play(read(write("alone.yaml", ALONE)))
    shapes = compose_beat(timeline, 0, CANVASES[aspect])[-1].shapes
    words = {shape.text for shape in shapes if isinstance(shape, Text)}
    assert words >= {"next out", "freed, no hash", "freed, with hash"}


def test_a_gpu_is_divided_into_the_blocks_of_the_recorded_lane(write):
    claims = "    expect: [gpu.slots == gpu.tokens - 32, real.block_size == gpu.block_size]\n"
    assert play(read(write("alone.yaml", ALONE + claims))).beats[0].caption == "32 slots a block."


def test_a_wait_is_told_in_time_where_it_is_said_how_long_a_step_lasts():
    timeline = play(read(ROOT / "storyboards" / "16-production-traffic.yaml"))
    end = timeline.beats[-1].end
    readings = Readings(timeline.storyboard, end)
    steps = readings["reserved.replay.wait"].value
    assert readings["reserved.replay.wait_time"].value == human_time(steps * 0.05) == "27 minutes"
    assert readings["paged.replay.wait_time"].value == "6 seconds"
    untimed = WholeReplay(timeline.storyboard.lanes[1].recorded.sums, 0)
    assert untimed.wait_time == "118 steps"


def test_time_is_told_in_the_largest_unit_of_which_there_are_two():
    told = [human_time(seconds) for seconds in (0.2, 1, 59.6, 119, 120, 7199, 7200)]
    assert told == ["0 seconds", "1 second", "60 seconds", "119 seconds", "2 minutes",
                    "120 minutes", "2 hours"]  # fmt: skip
