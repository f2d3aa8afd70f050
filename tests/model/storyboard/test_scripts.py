"""The words behind tokens: of requests, of samples, of beams with given and with seeded scores."""

import pytest

from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.beams import SEEDED_TOKENS
from pagereel.model.core.geometry import PRESETS
from pagereel.model.play import play, tokens
from pagereel.model.storyboard.script import BeamScript, ScoredWord, Script, anonymous
from pagereel.model.storyboard.storyboard import (
    Admit,
    Advance,
    Beat,
    Fork,
    Search,
    Shot,
    Storyboard,
)

PROMPT = ("The", " cat")


def board(script, *verbs, kind="paged/paper"):
    beat = Beat("x", (Shot("x", do=(*verbs, Advance(2))),))
    lane = LaneSpec("lane", kind, "Lane", 64, block_size=4)
    return Storyboard("b", "B", "", "", PRESETS["gpt2"], (lane,), (script,), (beat,))


def said(storyboard, name):
    """All words of a request or sequence when the storyboard ends."""
    holder = play(storyboard).beats[-1].end.lane("lane").state.holder(name)
    return [storyboard.word(holder, at) for at in range(holder.prompt + holder.sampled)]


def test_a_request_speaks_its_prompt_and_then_its_output():
    storyboard = board(Script("A", PROMPT, (" sat", " down", ".")), Admit("A"))
    assert said(storyboard, "A") == ["The", " cat", " sat", " down"]


@pytest.mark.parametrize("kind", ["paged/paper", "paged/vllm"])
def test_samples_speak_their_own_outputs_whether_the_lane_knows_groups_or_not(kind):
    outputs = ((" sat", " down", "."), (" ran", " off", "."))
    storyboard = board(Script("A", PROMPT, outputs[0], n=2, outputs=outputs), Admit("A"), kind=kind)
    assert said(storyboard, "A1") == ["The", " cat", " sat", " down"]
    assert said(storyboard, "A2") == ["The", " cat", " ran", " off"]
    assert storyboard.owner("A2").id == "A"


def test_a_fork_gives_every_sample_the_same_output():
    storyboard = board(Script("A", PROMPT, (" sat", " down", ".")), Fork("A", 2))
    assert storyboard.script("A").n == 2
    assert said(storyboard, "A1") == said(storyboard, "A2") == ["The", " cat", " sat", " down"]


def test_beams_speak_the_words_that_won():
    steps = (
        (ScoredWord(0, " sat", -0.1), ScoredWord(0, " ran", -2.0)),
        (ScoredWord(0, " down", -0.1), ScoredWord(0, " up", -0.5), ScoredWord(1, " off", -3.0)),
    )
    script = Script("A", PROMPT, anonymous("A", 3, 3))
    storyboard = board(script, Search("A", BeamScript(2, steps)))
    assert said(storyboard, "A1") == ["The", " cat", " sat", " down"]
    assert said(storyboard, "A2") == ["The", " cat", " sat", " up"]


def test_a_seeded_token_is_named_by_its_position_and_its_place_among_the_choices():
    script = Script("A", PROMPT, anonymous("A", 3, 3), beam=BeamScript(3, seed=4))
    storyboard = board(script, Admit("A"))
    spoken = [said(storyboard, name) for name in script.sequence_ids]
    assert all(words[2][:4] == " A·3" and words[3][:4] == " A·4" for words in spoken)
    assert len({tuple(words) for words in spoken}) == 3, "beams differ, and so do their words"


def test_a_request_of_beams_speaks_for_none_of_them():
    script = Script("A", PROMPT, anonymous("A", 3, 3), beam=BeamScript(2))
    assert said(board(script, Admit("A")), "A")[2:] == [" A·3", " A·4"]


def test_no_word_has_the_id_of_a_seeded_token_and_equal_words_have_equal_ids():
    storyboard = board(Script("A", ("a", "b", "a"), ("b", "c")), Admit("A"))
    request = tokens(storyboard)["A"]
    assert request.prompt[0] == request.prompt[2]
    assert request.prompt[1] == request.output[0]
    assert min(storyboard.vocabulary.values()) > SEEDED_TOKENS
    assert len(set(storyboard.vocabulary.values())) == 3
