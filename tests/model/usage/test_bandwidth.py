"""What a step reads and writes, in bytes: the events times the geometry, for every shape of K/V."""

import pytest

from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.events import EntriesRead, EntriesWritten
from pagereel.model.core.geometry import PRESETS, Geometry
from pagereel.model.play import play
from pagereel.model.readings.readings import Readings
from pagereel.model.storyboard.storyboard import Admit, Advance, Beat, Script, Shot, Storyboard

SHAPES = {
    "all heads": PRESETS["gpt2"],
    "grouped heads": PRESETS["llama-3.1-8b"],
    "one head": PRESETS["gemma-2b"],
    "latent": PRESETS["deepseek-v3"],
    "fp8": Geometry("small", layers=3, kv_heads=2, head_dim=5, dtype="fp8"),
}
ELEMENTS = {
    "all heads": (12, 2 * 12 * 64 * 2),
    "grouped heads": (32, 2 * 8 * 128 * 2),
    "one head": (18, 2 * 1 * 256 * 2),
    "latent": (61, (512 + 64) * 2),
    "fp8": (3, 2 * 2 * 5 * 1),
}
"""Layers, and the bytes of one token in one of them, from the published shapes."""
KINDS = ("contiguous", "contiguous/static", "paged", "paged/paper", "paged/vllm")


def story(geometry=PRESETS["gpt2"], kind="paged", **lane):
    lane = {"slots": 64, "block_size": 4, "max_len": 16} | lane
    requests = (
        Script("A", tuple(f" a{i}" for i in range(7)), tuple(f" x{i}" for i in range(4))),
        Script("B", tuple(f" b{i}" for i in range(5)), tuple(f" y{i}" for i in range(4))),
    )
    beats = (
        Beat("Nothing", (Shot("", ()),)),
        Beat("Prefill", (Shot("", (Admit("A"), Advance())),)),
        Beat("Both", (Shot("", (Admit("B"), Advance())),)),
        Beat("Nothing happens", (Shot("", ()),)),
        Beat("Decode", (Shot("", (Advance(),)),)),
    )
    return play(
        Storyboard("s", "S", "", "", geometry, (LaneSpec("lane", kind, "Lane", **lane),), requests,
                   beats)
    )  # fmt: skip


def readings(timeline, beat):
    return Readings(timeline.storyboard, timeline.beats[beat].end)


@pytest.mark.parametrize("shape", SHAPES)
def test_bytes_are_the_events_times_the_geometry(shape):
    timeline, (layers, one) = story(SHAPES[shape]), ELEMENTS[shape]
    for beat, (read, written) in enumerate([(0, 0), (0, 7), (7, 6), (7, 6), (13, 2)]):
        at = readings(timeline, beat)
        assert (at["lane.read"].value, at["lane.written"].value) == (read, written)
        assert at["lane.layer_read_bytes"].value == read * one
        assert at["lane.layer_written_bytes"].value == written * one
        assert at["lane.read_bytes"].value == read * one * layers
        assert at["lane.written_bytes"].value == written * one * layers


@pytest.mark.parametrize("kind", KINDS)
def test_every_lane_prefills_in_one_step_and_decodes_one_entry_a_step(kind):
    timeline = story(kind=kind)
    prefill, decode = readings(timeline, 1), readings(timeline, 4)
    assert (prefill["lane.A.read"].value, prefill["lane.A.written"].value) == (0, 7)
    assert (decode["lane.A.read"].value, decode["lane.A.written"].value) == (8, 1)


def test_a_request_reads_its_own_entries_and_the_lane_all():
    both = readings(story(), 2)
    assert (both["lane.A.read"].value, both["lane.A.written"].value) == (7, 1)
    assert (both["lane.B.read"].value, both["lane.B.written"].value) == (0, 5)
    assert both["lane.A.written_bytes"].value == PRESETS["gpt2"].bytes_per_token


def test_every_decode_step_reads_what_all_steps_before_have_written():
    timeline = story()
    steps = [step.lane("lane") for beat in timeline.beats for step in beat.steps]
    written = 0
    for step in steps:
        for event in step.events:
            if isinstance(event, EntriesRead) and event.request == "A":
                assert event.count == written
        written += sum(
            event.count
            for event in step.events
            if isinstance(event, EntriesWritten) and event.request == "A"
        )
    assert written == 9


def test_a_prefix_hit_is_read_and_not_written():
    requests = tuple(
        Script(name, tuple(f" w{i}" for i in range(9)), (" x", " y")) for name in ("A", "B")
    )
    lane = LaneSpec("lane", "paged/vllm", "Lane", 64, block_size=4)
    beats = (
        Beat("A", (Shot("", (Admit("A"), Advance())),)),
        Beat("B", (Shot("", (Admit("B"), Advance())),)),
    )
    board = Storyboard("s", "S", "", "", PRESETS["gpt2"], (lane,), requests, beats)
    at = Readings(board, play(board).beats[1].end)
    assert (at["lane.B.read"].value, at["lane.B.written"].value) == (8, 1)
