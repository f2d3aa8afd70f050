"""The card `attention` reads what the events say, in the table's order, and draws it to scale."""

from itertools import pairwise

import pytest

from pagereel.model.core.events import EntriesRead
from pagereel.model.play import play
from pagereel.model.storyboard.timeline import Half
from pagereel.read import read
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.clips import clips
from pagereel.scenes.lint import lint
from pagereel.scenes.pictures.cards.attention.reading import MOST
from pagereel.scenes.pictures.cards.attention.stages import attention_stages
from pagereel.scenes.pictures.compose import compose_beat, picture_count
from pagereel.scenes.shapes.picture import Cause, Path, Rect, Text
from pagereel.scenes.style import THEMES

WIDE = CANVASES["16:9"]
STORY = """\
title: Attention
model: {{name: toy, layers: 3, kv_heads: 1, head_dim: 8}}
parameters: {{slots: {slots}, block_size: 4}}
lanes:
  paged: {{kind: paged, {options}}}
requests:
  A: {{prompt: {prompt}, output: {output}}}
beats:
  - {{title: Before, say: "", card: attention, attend: {{lane: paged, request: A}}, do: [admit: A]}}
  - {{title: Prefill, say: "", do: [step: {before}]}}
  - {{title: Step, say: "", card: attention, attend: {{lane: paged, request: A}}, do: [step]}}
  - {{title: Still, say: "", card: attention, attend: {{lane: paged, request: A}}}}
"""
FOX = '"The quick brown fox jumps over the lazy dog"', '" and runs away from it all at once"'


@pytest.fixture
def story(write):
    def made(words=FOX, options="free_order: [7, 1, 3]", before=3, slots=32):
        prompt, output = words
        told = STORY.format(prompt=prompt, output=output, options=options, before=before,
                            slots=slots)  # fmt: skip
        return play(read(write("attention.yaml", told)))

    return made


def shapes(picture, start):
    return {s.key.removeprefix(start): s for s in picture.shapes if s.key.startswith(start)}


def stages(timeline, beat=2, canvas=WIDE):
    return compose_beat(timeline, beat, canvas)


def glowing(pictures):
    """The blocks that are lit, one after the other."""
    lit = []
    for picture in pictures:
        notes = [s.note for key, s in shapes(picture, "attend/glow").items()]
        blocks = [int(note.split()[1]) for note in notes]
        if blocks and [blocks] != lit[-1:]:
            lit.append(blocks)
    return lit


def test_the_query_goes_down_the_table_and_each_block_lights_where_it_lies(story):
    timeline = story()
    table = timeline.beats[2].end.lane("paged").state.memory.tables[0].blocks
    assert glowing(stages(timeline)) == [[block] for block in table] == [[7], [1], [3]]


def test_keys_answer_block_by_block_and_are_as_many_as_the_events_say(story):
    timeline = story()
    step = timeline.beats[2].steps[0]
    (event,) = (e for e in step.lane("paged").events if isinstance(e, EntriesRead))
    pictures = stages(timeline)
    counts = [len(shapes(p, "attend/number/")) for p in pictures]
    assert sorted(set(counts)) == [0, 4, 8, 12] and event.count == 11
    assert len(shapes(pictures[-1], "attend/value/")) == event.count + 1, "and its own"


def test_values_lie_side_by_side_as_wide_as_their_weights(story):
    mixed = stages(story())[-1]
    parts = [s.box for s in shapes(mixed, "attend/value/").values()]
    assert all(a.x < b.x for a, b in pairwise(parts))
    whole = shapes(mixed, "attend/mix")[""].box
    assert parts[-1].right == pytest.approx(whole.right - 4 - 3, abs=1)
    told = [s.text for s in shapes(mixed, "attend/number/").values()]
    shares = [int(text[:-1]) for text in told if text.endswith("%") and text[0] != "<"]
    assert sum(shares) == pytest.approx(100, abs=5)


def test_keys_and_values_start_in_their_slots(story):
    first = stages(story())[0]
    table = shapes(first, "lane/paged/token/")
    for position, key in ((0, "block 7/0/The"), (4, "block 1/0/jumps"), (8, "block 3/0/dog")):
        slot = table[key].box
        assert slot.contains(shapes(first, "attend/key/")[str(position)].box)
        assert slot.contains(shapes(first, "attend/value/")[str(position)].box)


def test_its_own_entry_is_written_after_it_was_read_and_the_answer_comes_last(story):
    pictures = stages(story())
    written = ["lane/paged/token/block 3/3/away" in shapes(p, "") for p in pictures]
    answered = ["prompt/A/12" in shapes(p, "") for p in pictures]
    assert written == [False] * (len(pictures) - 2) + [True, True]
    assert answered == [False] * (len(pictures) - 1) + [True]


def test_what_is_sampled_is_known_when_the_step_has_sampled_it(story):
    timeline = story()
    assert [step.half for step in timeline.beats[2].steps] == [Half.SCHEDULED, Half.SAMPLED]
    assert len(stages(timeline)) == len(attention_stages(3)) == picture_count(timeline, 2)


def test_a_beat_without_a_step_tells_the_latest_one_again(story):
    timeline = story()
    assert len(stages(timeline, 3)) == len(attention_stages(3))
    assert stages(timeline, 3)[-1].shapes[1:-3] != ()


def test_two_shots_can_tell_one_step(write):
    told = STORY.format(prompt=FOX[0], output=FOX[1], options="", before=3, slots=32)
    attend = "attend: {{lane: paged, request: A, tell: {}}}".format
    told += "  - title: Shots\n    card: attention\n    shots:\n"
    told += f"      - {{say: One, do: [step], {attend('reading')}}}\n"
    told += f"      - {{say: Two, {attend('mixing')}}}\n"
    timeline = play(read(write("shots.yaml", told)))
    whole = attention_stages(3)
    assert picture_count(timeline, 4) == len(whole) + 1, (
        "a step's second half shows its first's end"
    )
    pictures = stages(timeline, 4)
    assert [picture.said for picture in pictures] == [0] * 8 + [1] * 4
    assert Cause.STAGE in pictures[8].causes, "the second shot goes on where the first has stopped"


def test_a_window_leaves_out_what_it_does_not_read(story):
    kept = story(options="retention: recent-n, window: 6")
    dropped = story(options="retention: sliding-window, window: 6, free_order: [7, 1, 3]")
    for timeline, blocks in ((kept, [[1], [2]]), (dropped, [[1], [3]])):
        pictures = stages(timeline)
        assert glowing(pictures) == blocks
        assert len(shapes(pictures[-1], "attend/value/")) == 6
    assert "–" in {s.text for s in stages(dropped)[0].shapes if isinstance(s, Text)}
    assert "lane/paged/token/block 0/0/The" in shapes(stages(kept)[0], ""), "kept, and not read"


def test_unknown_words_have_bars_alike_and_say_so(story):
    picture = stages(story(words=("5", "9"), before=4))[-1]
    assert not shapes(picture, "attend/number/")
    bars = {s.box.w for s in shapes(picture, "attend/key/").values()}
    assert len(bars) == 1
    assert any("illustrative" in s.text for s in picture.shapes if isinstance(s, Text))


def test_known_words_name_what_trained_the_weights(story):
    texts = {s.text for s in stages(story())[-1].shapes if isinstance(s, Text)}
    label = "weights: a toy transformer of 2 layers that we trained, seed 7; layer 2"
    assert label in texts and not any("illustrative" in text for text in texts)


def test_bytes_are_those_of_the_entries_read(story):
    texts = {s.text for s in stages(story())[-1].shapes if isinstance(s, Text)}
    assert "reads K/V of 11 tokens: 352 B a layer, 1.03 KiB in 3 layers; writes 1" in texts


def test_the_picture_in_words_names_blocks_in_their_order(story):
    alt = stages(story())[-1].alt
    assert "The query of “away” reads 11 keys and values, in blocks 7, 1, 3, in this order." in alt
    assert "The next token: “from”." in alt


def test_before_the_first_decode_step_there_is_one_picture(story):
    (picture,) = stages(story(), 0)
    assert "no decode step yet" in {s.text for s in picture.shapes if isinstance(s, Text)}


def test_of_many_tokens_the_middle_is_left_out_and_asked_at_once(story):
    timeline = story(words=("60", "4"), before=2, slots=128)
    pictures = stages(timeline)
    lines = [key for key in shapes(pictures[0], "prompt/A/") if key.isdigit()]
    assert len(lines) == MOST - 1, "and one for the gap"
    assert {"0", "1", "61"} <= set(lines)
    together = [blocks for blocks in glowing(pictures) if len(blocks) > 1]
    assert len(together) == 1
    assert sorted(block for blocks in glowing(pictures) for block in blocks) == list(range(16))


def test_the_arrow_of_the_row_is_the_thickest(story):
    pictures = stages(story())
    arrows = [{key: s.line for key, s in shapes(p, "lane/paged/table/A/").items()
               if isinstance(s, Path)} for p in pictures]  # fmt: skip
    assert set(arrows[0].values()) == {2}
    assert [max(a, key=a.get) for a in arrows[1:7:2]] == ["0/arrow", "1/arrow", "2/arrow"]


def test_the_step_is_told_in_eight_to_fifteen_seconds(story):
    clip = clips(story(), WIDE, THEMES["dark"], rate=30)[2]
    assert 8 <= clip.frames / clip.rate <= 15


def test_blocks_of_others_bear_their_names_and_no_words(write):
    told = STORY.format(prompt=FOX[0], output=FOX[1], options="", before=3, slots=32)
    other = "  B: {prompt: Pack my box, output: ' with five dozen jugs'}"
    told = told.replace("beats:", f"{other}\nbeats:")
    told = told.replace("do: [admit: A]", "do: [admit: A, admit: B]")
    picture = stages(play(read(write("two.yaml", told))))[0]
    assert [shapes(picture, "lane/paged/block/3/owner")[""].text] == ["B"]
    assert "Pack" not in {s.text for s in picture.shapes if isinstance(s, Text)}


def test_what_moves_has_one_key_all_through(story):
    pictures = stages(story())
    for key in ("attend/key/0", "attend/value/0", "attend/key/11", "attend/value/11"):
        boxes = [shapes(p, "")[key].box for p in pictures]
        assert len(set(boxes)) >= 2
    assert all(isinstance(shapes(p, "")["attend/query"], Rect) for p in pictures[:7])


@pytest.mark.parametrize("aspect", CANVASES)
@pytest.mark.parametrize("theme", THEMES)
def test_nothing_overlaps_in_any_aspect_or_theme(story, aspect, theme):
    stories = (
        story(),
        story(options="retention: sliding-window, window: 6"),
        story(words=("60", "4"), before=2, slots=128),
    )
    for timeline in stories:
        for beat in (0, 2):
            for picture in stages(timeline, beat, CANVASES[aspect]):
                assert lint(picture, THEMES[theme]) == ()
