"""The card `levels`: a picture a level, the same bytes everywhere, and one motion between them."""

import pytest

from pagereel.read import read_timeline
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.clips import clips
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.compose import compose_beat
from pagereel.scenes.shapes.motion import derive
from pagereel.scenes.shapes.picture import Cause, Rect, Text
from pagereel.scenes.style import THEMES, paint

from places import ROOT

BOARDS = ROOT / "storyboards"
WIDE = CANVASES["16:9"]
BOARD = """
title: Levels
model: llama-3.1-8b
parameters: {slots: 48, block_size: 4, max_len: 24}
lanes: {piece: {kind: contiguous}, paged: {kind: paged/vllm}}
requests:
  A: {prompt: Tell me a story about the sea, output: " Once there was a fish"}
  B: {prompt: Name three rivers in Europe, output: " Rhine Po"}
beats:
  - title: In and out
    card: levels
    DO
    FOCUS
    levels: LEVELS
    say: For every word there is a key and a value in each layer.
"""


def beat(tmp_path, levels, focus="", do="do: [admit: A, step]", canvas=WIDE, **change):
    path, text = tmp_path / "s.yaml", BOARD
    for old, new in change.items():
        text = text.replace(old, new)
    late = ", ".join(f"admit: {name}" for name in "AB" if f"admit: {name}" not in do)
    text = text.replace("FOCUS", focus).replace("LEVELS", levels).replace("DO", do)
    text += f"  - {{title: Then, say: '', do: [{late}]}}\n" if late else ""
    path.write_text(text, "utf-8")
    return compose_beat(read_timeline(path), 0, canvas)


@pytest.fixture(scope="module")
def gpu():
    timeline = read_timeline(BOARDS / "14-where-did-my-gpu-memory-go.yaml")
    cards = [played.shots[-1].shot.card for played in timeline.beats]
    return timeline, cards.index("levels")


def seen(picture, start=""):
    return {s.key: s for s in picture.shapes if s.key.startswith(start) and s.opacity > 0}


def said(picture):
    return [shape.text for shape in seen(picture).values() if isinstance(shape, Text)]


def titles(pictures):
    return ["".join(_title(picture)) for picture in pictures]


def _title(picture):
    for key, shape in seen(picture).items():
        if key.startswith("levels/title/") or (key.endswith("/id") and shape.size > 30):
            yield shape.text


def test_the_camera_passes_every_level_once_all_has_happened(tmp_path):
    pictures = beat(tmp_path, "[pool, vector, pool]")
    assert titles(pictures) == [
        *["The pool: 12 blocks"] * 3,
        "Block 2: 4 slots",
        "One slot: one token",
        "32 layers, each with a key and a value",
        "The key in layer 16: 8 heads of 128 numbers each",
        "32 layers, each with a key and a value",
        "One slot: one token",
        "Block 2: 4 slots",
        "The pool: 12 blocks",
    ]


def test_bytes_are_told_on_the_way_in_and_multiplied_on_the_way_out(tmp_path):
    pictures = beat(tmp_path, "[pool, vector, pool]")
    products = ["8 heads × 128 numbers × 2 B", "key and value: 2 × 2 KiB", "32 layers × 4 KiB",
                "4 slots × 128 KiB", "12 blocks × 512 KiB"]  # fmt: skip
    for out, picture in enumerate(pictures[-5:], start=1):
        assert [text for text in products if text in said(picture)] == products[:out]
    assert not set(products) & set(said(pictures[-6]))
    assert "512 KiB" in said(pictures[3]) and "128 KiB" not in said(pictures[3])
    assert "6 MiB" in said(pictures[0])


def test_a_shot_may_go_in_and_the_next_one_come_out(tmp_path):
    assert len(beat(tmp_path, "[pool, vector]", do="")) == 5
    out = beat(tmp_path, "[vector, pool]", do="")
    assert titles(out)[0].startswith("The key") and titles(out)[-1] == "The pool: 12 blocks"
    assert "4 slots × 128 KiB" in said(out[-1])
    assert len(beat(tmp_path, "[block]", do="")) == 1


def test_the_slot_is_that_of_the_newest_token_of_who_is_in_focus(tmp_path):
    do = "do: [admit: A, admit: B, step]"
    assert "sea" in said(beat(tmp_path, "[slot]", do=do)[-1])
    assert "Europe" in said(beat(tmp_path, "[slot]", "focus: [request B]", do)[-1])


def test_a_token_of_this_shot_falls_into_its_slot(tmp_path):
    over, inside = beat(tmp_path, "[block, slot]")[-2:]
    slot, word = "lane/paged/block/2/2", "lane/paged/token/block 2/2/sea"
    assert seen(over)[word].box.bottom < seen(over)[slot].box.y
    assert seen(inside)[slot].box.contains(seen(inside)[word].box)


def test_a_token_of_an_earlier_beat_lies_in_its_slot(gpu):
    timeline, index = gpu
    block = compose_beat(timeline, index, WIDE)[2]
    newest = seen(block)["lane/vllm/token/block 1/6/Into"]
    assert seen(block)["lane/vllm/block/1/6"].box == newest.box


def test_with_nothing_stored_the_camera_goes_into_a_free_slot(tmp_path):
    pictures = beat(tmp_path, "[pool, vector]", do="")
    assert "One slot, still free" in titles(pictures)
    assert "room for a key and a value in each of 32 layers" in said(pictures[2])


def test_a_latent_stands_alone(tmp_path):
    pictures = beat(tmp_path, "[layers, vector]", do="", **{"llama-3.1-8b": "deepseek-v3"})
    assert titles(pictures) == ["61 layers, each with one latent", "Layer 31: 576 numbers"]


def test_what_is_looked_at_grows_out_of_its_place(gpu):
    timeline, index = gpu
    gpu_, pool, block, slot, *_ = compose_beat(timeline, index, WIDE)
    own = seen(block)["lane/vllm/block/1"].box
    before = seen(pool)["lane/vllm/block/1"].box
    assert own.w > 20 * before.w
    painted = [paint(picture, THEMES["dark"]) for picture in (pool, block)]
    halfway = {shape.key: shape for shape in derive(*painted).at(0.5)}
    frame, first = halfway["lane/vllm/block/1"].box, halfway["lane/vllm/block/1/0"].box
    assert frame.inset(-6).contains(first)
    assert len(seen(gpu_, "lane/vllm/block/")) >= 983 and len(seen(pool, "lane/vllm/block/")) >= 983
    assert len(seen(slot, "lane/vllm/block/")) < 10


def test_no_word_is_drawn_where_none_can_be_read(gpu):
    timeline, index = gpu
    _, pool, block, *_ = compose_beat(timeline, index, WIDE)
    assert not [key for key in seen(pool) if key.endswith("/word")]
    assert {"Where", "did", "my", "GPU", "memory", "go?"} <= set(said(block))


def test_the_gpu_is_drawn_to_scale(gpu):
    timeline, index = gpu
    first = seen(compose_beat(timeline, index, WIDE)[0])
    weights, pool = first["levels/gpu/weights"].box, first["levels/pool"].box
    given = timeline.storyboard.gpu
    assert pool.w / weights.w == pytest.approx(983 * 16 * 819_200 / given.weights_bytes, rel=0.02)


def test_each_picture_is_told_in_words(gpu):
    timeline, index = gpu
    first, *_, last = compose_beat(timeline, index, WIDE)
    assert "A100 40 GB, 40 GiB." in first.alt and "×" not in first.alt
    assert "The pool: 983 blocks × 12.50 MiB = 12.00 GiB." in last.alt


@pytest.mark.parametrize("aspect", CANVASES)
@pytest.mark.parametrize("theme", THEMES)
def test_no_picture_has_a_fault(gpu, aspect, theme):
    timeline, index = gpu
    for picture in compose_beat(timeline, index, CANVASES[aspect]):
        assert lint(picture, THEMES[theme]) == ()


@pytest.mark.parametrize("aspect", CANVASES)
@pytest.mark.parametrize("model", ["gemma-2b", "llama-2-70b", "deepseek-v3", "gpt2"])
def test_any_model_has_room(tmp_path, aspect, model):
    change = {"llama-3.1-8b": model}
    for picture in beat(tmp_path, "[pool, vector, pool]", canvas=CANVASES[aspect], **change):
        assert lint(picture) == ()


def test_all_levels_share_the_time_of_what_is_said(gpu):
    timeline, index = gpu
    clip = clips(timeline, WIDE, THEMES["dark"], 30)[index]
    motions = [leg.motion / clip.rate for leg in clip.legs]
    rests = [leg.rest / clip.rate for leg in clip.legs]
    assert len(rests) == 12 and max(rests) < 3
    assert all(rest >= 0.9 for rest in (*rests[:5], *rests[6:]))
    assert motions[1:6] == motions[7:] == pytest.approx([0.9] * 5)


def test_neighbours_peek_in_and_the_rest_leaves_the_frame(gpu):
    timeline, index = gpu
    block = compose_beat(timeline, index, WIDE)[2]
    others = [s for key, s in seen(block, "lane/vllm/block/").items() if key.count("/") == 3]
    assert len(others) == 4  # itself, and those left, right and below
    hidden = [s for s in block.shapes if s.opacity == 0 and isinstance(s, Rect)]
    card = seen(block)["levels"].box
    assert len(hidden) > 300 and all(card.inset(-6).contains(s.box) for s in hidden)


def test_the_camera_is_out_before_the_lanes_take_a_step(tmp_path):
    path, text = tmp_path / "s.yaml", BOARD.replace("FOCUS", "").replace("LEVELS", "[slot, vector]")
    text = text.replace("DO", "do: [admit: A, admit: B, step]")
    path.write_text(text + "  - {title: Then, say: '', do: [step]}\n", "utf-8")
    out, *stepped = compose_beat(read_timeline(path), 1, WIDE)
    assert out.causes & {Cause.CARD, Cause.EVENT} == {Cause.CARD}
    assert all(Cause.EVENT in picture.causes for picture in stepped)
    key = "lane/paged/token/block 2/3/Once"
    assert key not in seen(out)
    assert key in seen(stepped[-1])
