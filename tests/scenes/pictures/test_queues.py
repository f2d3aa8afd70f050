"""The panels of queues show the state's own order, and a chip or tile stays itself as it moves."""

import pytest

from pagereel.model.core.events import BlockFreed
from pagereel.model.play import play
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.beside.tiles import TILE
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.picture import CLEAR, Rect, Text

HEAD = """\
title: Queues
model: gpt2
above: queue
beside: free-queue
parameters: {slots: 24, block_size: 4, max_len: 12}
"""
STORY = f"""\
{HEAD}
lanes:
  plain: {{kind: contiguous, title: Contiguous}}
  vllm: {{kind: paged/vllm, title: vLLM, max_num_seqs: 2}}
requests:
  A: {{prompt: How are you today my friend, output: " fine thanks"}}
  B: {{prompt: Count up to six, output: " one two three four five six"}}
  C: {{prompt: Say it, output: " now"}}
  D: {{prompt: Say so, output: " then"}}
beats:
  - {{title: Two run, do: [admit: A, admit: B, admit: C, step], say: C waits.}}
  - {{title: A ends, do: [admit: D, step], say: A is done.}}
  - {{title: C joins, do: [step], say: C runs.}}
"""
SWAPPING = f"""\
{HEAD}
lanes:
  vllm: {{kind: paged/vllm, title: vLLM, enable_prefix_caching: false}}
  paper: {{kind: paged/paper, title: The paper, preemption: swap}}
requests:
  A: {{prompt: The quick brown fox jumps over, output: " the lazy dog and runs far away from here"}}
  B: {{prompt: Pack my box with five dozen, output: " jugs of old red wine before it gets dark"}}
beats:
  - {{title: B gives way, do: [admit: A, admit: B, step: 8], say: B gives way.}}
  - {{title: B comes back, do: [step: 2], say: B runs again.}}
"""


@pytest.fixture
def timeline(write):
    return play(read(write("queues.yaml", STORY)))


def pictures(timeline, beat, aspect="16:9"):
    return compose_beat(timeline, beat, CANVASES[aspect])


def rects(picture):
    return {shape.key: shape for shape in picture.shapes if isinstance(shape, Rect)}


def texts(picture):
    return [shape.text for shape in picture.shapes if isinstance(shape, Text)]


def chips(picture, lane, within):
    """Names of the chips of a lane's row whose middle is between two x, from left to right."""
    left, right = within
    found = [
        (shape.box.x, key.rsplit("/", 1)[1])
        for key, shape in rects(picture).items()
        if key.startswith(f"queue/{lane}/") and key.count("/") == 2 and len(key.split("/")[2]) == 1
        and left <= shape.box.centre[0] < right
    ]  # fmt: skip
    return [name for _, name in sorted(found)]


def parts(picture, lane):
    """(waiting, running, done) of a lane's row, as they stand from left to right."""
    engine = rects(picture)[f"queue/{lane}/engine"].box
    bounds = [(0, engine.x), (engine.x, engine.right), (engine.right, picture.width)]
    return tuple(chips(picture, lane, within) for within in bounds)


def free_ids(picture, lane):
    """The free queue as the panel shows it, and apart from it what was taken."""
    label = {s.key: s for s in picture.shapes if isinstance(s, Text)}[
        f"free-queue/{lane}/out/words"
    ]
    tiles = [
        (shape.box.y, shape.box.x, int(key.rsplit("/", 1)[1]))
        for key, shape in rects(picture).items()
        if key.startswith(f"free-queue/{lane}/block/")
    ]
    queue = [block for y, _, block in sorted(tiles) if y + TILE > label.y]
    return queue, [block for y, _, block in sorted(tiles) if y + TILE <= label.y]


@pytest.mark.parametrize("beat", [0, 1, 2])
def test_the_row_of_a_lane_shows_who_waits_who_runs_and_who_is_done_in_the_states_order(
    timeline, beat
):
    for step, picture in zip(timeline.beats[beat].steps, pictures(timeline, beat), strict=True):
        for at in step.lanes:
            if f"queue/{at.lane}/engine" in rects(picture):
                waiting, running, done = parts(picture, at.lane)
                assert tuple(reversed(waiting)) == at.state.waiting
                assert tuple(running) == at.state.running
                assert set(done) == {r.id for r in at.state.requests if r.phase == "finished"}


def test_lanes_that_agree_share_a_row_until_they_part(timeline):
    same, parted = pictures(timeline, 0)[-1], pictures(timeline, 2)[-1]
    assert "both lanes" in texts(same)
    assert "queue/vllm/engine" not in rects(same)
    assert "both lanes" in texts(parted) or "queue/vllm/engine" in rects(parted)


def test_the_queue_of_a_lane_that_is_not_there_is_not_there_either(write):
    told = STORY.replace("say: C runs.", "show: [lane plain, queue], say: C runs.")
    picture = pictures(play(read(write("alone.yaml", told))), 2)[-1]
    assert "both lanes" not in texts(picture) and "Contiguous" in texts(picture)
    assert not any(key.startswith("queue/vllm") for key in rects(picture))


def test_a_chip_keeps_its_key_from_the_queue_through_the_engine_to_the_end(timeline):
    row = "plain"
    waits, runs = pictures(timeline, 1)[-1], pictures(timeline, 2)[0]
    ends = pictures(timeline, 2)[-1]
    assert "C" in parts(waits, row)[0]
    assert "C" in parts(runs, row)[1]
    assert "C" in parts(ends, row)[2]


def test_who_arrives_stands_out_until_the_next_step(timeline):
    assert "queue/plain/D/new" in rects(pictures(timeline, 1)[-1])
    assert "queue/plain/D/new" not in rects(pictures(timeline, 2)[-1])
    assert "queue/plain/B/new" not in rects(pictures(timeline, 1)[-1])


def test_the_free_queue_stands_in_the_states_order(timeline):
    for beat, played in enumerate(timeline.beats):
        for step, picture in zip(played.steps, pictures(timeline, beat), strict=True):
            assert tuple(free_ids(picture, "vllm")[0]) == step.lane("vllm").state.memory.free


def test_what_a_step_takes_leaves_the_queue_in_its_takers_colour_and_under_its_key(timeline):
    arrived, scheduled = pictures(timeline, 0)[2:4]
    assert free_ids(arrived, "vllm") == ([1, 2, 3, 4, 5, 6], [])
    assert free_ids(scheduled, "vllm") == ([4, 5, 6], [1, 2, 3])
    assert rects(scheduled)["free-queue/vllm/block/1"].fill == "request 0 solid"
    assert rects(scheduled)["free-queue/vllm/block/3"].fill == "request 1 solid"


def test_what_a_step_frees_shows_who_held_it_and_what_keeps_a_key_has_a_ring(timeline):
    end = timeline.beats[1].end.lane("vllm")
    freed = [event.block for event in end.events if isinstance(event, BlockFreed)]
    assert freed == [2, 1]
    tiles = rects(pictures(timeline, 1)[-1])
    assert [tiles[f"free-queue/vllm/block/{block}"].fill for block in (1, 2)] == (
        ["request 0 pale"] * 2
    )
    assert tiles["free-queue/vllm/block/1"].stroke == "muted"
    assert tiles["free-queue/vllm/block/2"].stroke == CLEAR
    assert end.state.memory.free[0] == 2  # without a key: handed out again at once
    assert end.state.memory.free[-1] == 1


def test_a_contiguous_lane_shows_its_holes_by_address(timeline):
    said = texts(pictures(timeline, 1)[-1])
    assert "0–11" in said
    assert "12–23" not in said


def test_preempted_and_swapped_requests_wait_with_what_they_have_answered(write):
    timeline = play(read(write("swapping.yaml", SWAPPING)))
    picture = pictures(timeline, 0)[-1]
    assert {"preempted", "on CPU"} <= set(texts(picture))
    assert parts(picture, "vllm")[:2] == parts(picture, "paper")[:2] == (["B"], ["A"])
    assert {"queue/vllm/B/bar", "queue/paper/B/bar"} <= set(rects(picture))


def test_work_is_counted_again_after_a_preemption_and_by_the_block_when_swapped(write):
    timeline = play(read(write("swapping.yaml", SWAPPING)))
    before, end = timeline.beats[0].end, timeline.beats[1].end
    assert before.lane("vllm").work.recomputed == 0
    assert end.lane("vllm").work.recomputed == 12  # its prompt of 6 and 6 of its 7 words
    assert before.lane("paper").work.swapped_blocks == 3
    assert end.lane("paper").work.swapped_blocks == 6
    assert end.lane("paper").work.recomputed == end.lane("vllm").work.swapped_blocks == 0


def crowd(lanes, requests):
    """A storyboard of so many lanes, and so many requests that most of them wait."""
    kinds = ("paged/vllm", "paged/paper", "paged", "contiguous")[:lanes]
    slots = "parameters: {slots: 160, block_size: 4, max_len: 12}"
    lines = [HEAD.replace("parameters: {slots: 24, block_size: 4, max_len: 12}", slots), "lanes:"]
    lines += [f"  lane{i}: {{kind: {kind}, title: Lane {i}}}" for i, kind in enumerate(kinds)]
    lines += ["requests:"]
    lines += [f"  r{i}: {{prompt: 4, output: {2 + i % 7}, arrival: 1}}" for i in range(requests)]
    lines += ["beats:", "  - {title: Many, do: [step: 4], say: Many wait.}"]
    return "\n".join(lines)


@pytest.mark.parametrize("aspect", CANVASES)
@pytest.mark.parametrize("lanes", [1, 2, 3, 4])
def test_many_requests_and_blocks_are_counted_where_they_do_not_fit(write, lanes, aspect):
    timeline = play(read(write("crowd.yaml", crowd(lanes, 64))))
    picture = pictures(timeline, 0, aspect)[-1]
    assert lint(picture) == ()
    state = timeline.beats[0].end.lane("lane0").state
    row = {s.key: s.text for s in picture.shapes if isinstance(s, Text)}
    left_out = int(row["queue/lane0/waiting/more"].removesuffix(" more").removeprefix("+"))
    shown = [name for name in state.waiting if f"queue/lane0/{name}" in rects(picture)]
    assert tuple(shown) == state.waiting[: len(shown)]
    assert left_out == len(state.waiting) - len(shown)
