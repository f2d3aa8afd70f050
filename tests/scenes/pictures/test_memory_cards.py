"""The cards `layers` and `budget` draw what the events and the budget say, in every aspect."""

import pytest

from pagereel.model.play import play
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.picture import Rect, Text

from places import ROOT

BOARDS = ROOT / "storyboards"
WIDE = CANVASES["16:9"]
STORY = """\
title: Two requests
model: deepseek-v3
parameters: {slots: 64, block_size: 4}
lanes: {first: {kind: paged}, second: {kind: paged/vllm}}
requests:
  A: {prompt: 40, output: 4}
  B: {prompt: Pack my box, output: " with five dozen"}
gpu: {name: H200, memory: 141 GB, weights: 80 GB, source: me}
beats:
  - {title: Empty, say: "", card: layers}
  - {title: A, do: [admit: A, step], say: "", card: layers}
  - {title: B, do: [admit: B, step], say: "", card: layers, focus: [request B in lane second]}
  - {title: Budget, say: "", card: budget}
"""


@pytest.fixture(scope="module")
def decoding():
    return play(read(BOARDS / "02-prefill-and-decode.yaml"))


@pytest.fixture(scope="module")
def pool():
    return play(read(BOARDS / "14-where-did-my-gpu-memory-go.yaml"))


@pytest.fixture
def two(write):
    return play(read(write("two.yaml", STORY)))


def last(timeline, title, canvas=WIDE, at=-1):
    titles = [beat.beat.title for beat in timeline.beats]
    return compose_beat(timeline, titles.index(title), canvas)[at]


def cells(picture, layer="1"):
    """Fill and outline of each half of a layer's cells, by position."""
    found = {}
    for shape in picture.shapes:
        match shape.key.split("/"):
            case ["layers", number, _, position, "K" | "V" | "latent"] if number == layer:
                found.setdefault(int(position), []).append((shape.fill, shape.stroke))
    return found


def texts(picture):
    return [shape.text for shape in picture.shapes if isinstance(shape, Text)]


def box(picture, key):
    return next(shape.box for shape in picture.shapes if shape.key == key)


def test_prefill_writes_k_and_v_of_every_token_in_every_layer(decoding):
    picture = last(decoding, "Once more, from the start", at=2)
    for layer in ("1", "2", "3", "32"):
        halves = cells(picture, layer)
        assert list(halves) == [0, 1, 2, 3, 4]
        assert all(parts == [("request 1 solid", "clear")] * 2 for parts in halves.values())
    assert not any("halo" in shape.key or "query" in shape.key for shape in picture.shapes)
    assert "640 KiB in 32 layers" in texts(picture)


def test_decode_reads_every_column_and_writes_one(decoding):
    picture = last(decoding, "Decode reads all and writes one")
    halves = cells(picture)
    assert [halves[position][0][0] for position in range(7)] == [
        *["request 0 pale"] * 6,
        "request 0 solid",
    ]
    asked = [shape.key for shape in picture.shapes if shape.key.startswith("layers/query")]
    assert asked == [f"layers/query/{position}" for position in range(6)]
    shown = texts(picture)
    assert shown.index("768 KiB in 32 layers") < shown.index("128 KiB in 32 layers")


def test_a_sampled_token_has_no_k_and_v_and_the_last_one_never_gets_any(decoding):
    done = last(decoding, "The last token is never stored")
    assert list(cells(done)) == list(range(9))
    assert {fill for halves in cells(done).values() for fill, _ in halves} == {"slot"}
    assert "day" in texts(done)


def test_the_bars_of_all_steps_grow_to_one_scale(decoding):
    picture = last(decoding, "The last token is never stored")
    bars = {s.key: s.box.h for s in picture.shapes if s.key.startswith("movement/")
            and s.key.endswith(("/read", "/written")) and isinstance(s, Rect)}  # fmt: skip
    entry = bars["movement/1/written"] / 5
    for number, count in ((2, 5), (3, 6), (4, 7), (5, 8)):
        assert bars[f"movement/{number}/read"] == pytest.approx(entry * count - 2)
        assert bars[f"movement/{number}/written"] == pytest.approx(entry)
    assert "movement/1/read" not in bars


def test_a_latent_is_one_piece_and_long_prompts_are_shortened(two):
    picture = last(two, "A")
    halves = cells(picture)
    assert {len(parts) for parts in halves.values()} == {1}
    assert {0, 1, 39} <= set(halves) and 20 not in halves
    heads = [shape for shape in picture.shapes if shape.key.startswith("layers/A/")]
    shown = sum(isinstance(shape, Rect) for shape in heads)
    assert f"+{41 - shown}" in texts(picture)


def test_the_request_and_the_lane_in_focus_are_shown(two):
    shown = texts(last(two, "B"))
    assert "step 2 · vLLM 0.32" in shown
    assert {"Pack", "my", "box", "with"} <= set(shown)


def test_nvidia_smi_shows_the_same_however_full_the_pool_is(pool):
    titles = ("Just started: claimed, and empty", "Under load: the pool fills up",
              "After the load: cached")  # fmt: skip
    empty, full, cached = (last(pool, title) for title in titles)
    line = "nvidia-smi: about 36.80 GiB of 40 GiB in use"
    assert all(line in texts(picture) for picture in (empty, full, cached))
    for key in ("budget/weights", "budget/pool", "budget/left alone"):
        assert box(empty, key) == box(full, key) == box(cached, key)
    widths = [box(picture, "budget/whole/stored").w for picture in (empty, full, cached)]
    assert widths[0] == widths[2] == 0
    assert widths[1] > 0.8 * box(full, "budget/pool").w
    assert box(cached, "budget/whole/cached").w > 0.8 * box(cached, "budget/pool").w


def test_the_bar_is_to_scale(pool):
    picture = last(pool, "Under load: the pool fills up")
    weights, pool_box = box(picture, "budget/weights"), box(picture, "budget/pool")
    gpu = pool.storyboard.gpu
    whole = box(picture, "budget/left alone").right - weights.x
    assert weights.w / whole == pytest.approx(gpu.weights_bytes / gpu.memory_bytes, abs=0.005)
    assert pool_box.w / whole == pytest.approx(0.3, abs=0.005)


def test_what_is_given_stands_on_the_card_with_its_source(pool):
    assert any(text.startswith("given: weights: SOSP 2023") for text in texts(
        last(pool, "Under load: the pool fills up")))  # fmt: skip


def test_a_lane_that_is_not_the_pool_shows_shares_and_no_bytes(two):
    shown = texts(last(two, "Budget"))
    assert any(text.endswith("drawn: shares of 64 slots") for text in shown)
    below = shown[shown.index("stored") :]
    assert not any("iB" in text for text in below)


@pytest.mark.parametrize("aspect", CANVASES)
def test_nothing_overlaps_in_any_aspect(two, aspect):
    for index in range(len(two.beats)):
        for picture in compose_beat(two, index, CANVASES[aspect]):
            assert lint(picture) == ()
