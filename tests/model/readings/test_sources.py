"""The program knows what a beat quotes: by its card, and by the published numbers that it names."""

import re

import pytest

from pagereel.model.readings.readings import QUOTED
from pagereel.model.readings.sources import labels, quotes_of, shows_state
from pagereel.model.storyboard.quotes import DRAWN, QUOTES
from pagereel.model.storyboard.storyboard import Definition, Shot
from pagereel.read import StoryboardProblems, read_timeline

from places import ROOT

COURSE = sorted((ROOT / "storyboards").glob("*.yaml"))
KERNEL = QUOTES["kernel"]
SHARES = QUOTES["kv-memory"]


def test_a_caption_quotes_what_it_names():
    said = Shot("It is {quoted.kernel.slower} slower, {quoted.kernel.slower}.")
    assert quotes_of(said) == (KERNEL,)
    assert shows_state(said), "the lanes are on the frame"


def test_a_card_quotes_and_its_caption_may_quote_more():
    both = Shot("{quoted.kernel.slower}", card="quoted", quote="kv-memory")
    assert quotes_of(both) == (SHARES, KERNEL)
    assert not shows_state(both)
    assert shows_state(Shot("{paged.free}", card="quoted", quote="kv-memory"))


def test_places_in_one_paper_are_named_together():
    two = (KERNEL, QUOTES["throughput"], QUOTES["vllm-default"], KERNEL)
    assert labels(two) == "PagedAttention paper, section 7.1, abstract; vLLM 0.32"


def test_a_definition_shows_state_if_a_number_of_it_is_computed():
    bare = Shot("{quoted.kernel.slower}", card="definition", define=Definition("B", "C"))
    assert not shows_state(bare)
    formula = Definition("B", "C", "blocks")
    assert shows_state(Shot("", card="definition", define=formula))
    filled = Definition("B", "{paged.block_size}")
    assert shows_state(Shot("", card="definition", define=filled))


def test_every_quote_is_drawn_or_has_numbers_and_names_its_source():
    for quote in QUOTES.values():
        assert quote.body is not None or quote.numbers
        assert quote.label
        assert quote.source
    shares = {row.title: row.shares for row in SHARES.body}
    assert SHARES.numbers["oracle"] == f"{shares['Orca (Oracle)'][0]} %"
    assert SHARES.numbers["pow2_external"] == f"{shares['Orca (Pow2)'][3]} %"
    assert set(DRAWN) == {"kv-memory", "requests-at-once"}


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_no_published_number_of_the_course_is_typed_by_hand(path):
    published = {number for quote in QUOTES.values() for number in quote.numbers.values()}
    numbers = "|".join(map(re.escape, published - {"10", "16"}))
    told = re.compile(rf"(?<![\d.])({numbers})(?![\d.])")
    for played in read_timeline(path).beats:
        for shot in played.beat.shots:
            assert told.findall(shot.say) == []
            if "paper reports" in shot.say:
                assert quotes_of(shot), shot.say


def test_a_published_number_that_is_not_there_is_reported_with_the_nearest(write, story):
    path = write("a.yaml", story.replace("{paged.A.held} slots", "{quoted.kernel.slow} slots"))
    with pytest.raises(StoryboardProblems) as found:
        read_timeline(path)
    assert "quoted.kernel.slower" in str(found.value)
    named = write("b.yaml", story.replace("paged:", f"{QUOTED}:"))
    with pytest.raises(StoryboardProblems, match="what was published"):
        read_timeline(named)
