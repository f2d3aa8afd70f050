"""Captions and claims read the state by name; a wrong name is refused with the possible ones."""

import pytest

from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.geometry import PRESETS
from pagereel.model.play import play
from pagereel.model.readings.claims import NotAClaim, holds, parse
from pagereel.model.readings.readings import Reading, Readings, UnknownName, fill
from pagereel.model.storyboard.storyboard import Admit, Advance, Beat, Script, Shot, Storyboard
from pagereel.read import read

BOARD = Storyboard(
    name="board",
    title="Board",
    subtitle="",
    about="",
    geometry=PRESETS["gpt2"],
    lanes=(
        LaneSpec("flat", "contiguous", "Flat", slots=24, max_len=12),
        LaneSpec("paged", "paged", "Paged", slots=24, block_size=4, free_order=(5, 1, 0, 2, 3, 4)),
    ),
    requests=(
        Script("A", tuple(" word" for _ in range(5)), ("x", "y", "z")),
        Script("B", ("one",), ("two",)),
    ),
    beats=(Beat("Run", (Shot("", (Admit("A"), Advance(2))),)),),
)


@pytest.fixture(scope="module")
def readings():
    return Readings(BOARD, play(BOARD).beats[-1].end)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("flat.capacity", 24),
        ("flat.stored", 6),
        ("flat.reserved", 1),
        ("flat.internal", 5),
        ("flat.external", 0),
        ("flat.free", 12),
        ("flat.held", 12),
        ("flat.wasted", 6),
        ("flat.utilisation", 50.0),
        ("flat.blocks", 0),
        ("flat.block_size", 0),
        ("flat.A.held", 12),
        ("flat.A.empty", 6),
        ("flat.A.table", ()),
        ("paged.stored", 6),
        ("paged.internal", 2),
        ("paged.free", 16),
        ("paged.blocks", 6),
        ("paged.blocks_free", 4),
        ("paged.next_block", (0,)),
        ("paged.running", 1),
        ("paged.A.phase", "running"),
        ("paged.A.table", (5, 1)),
        ("paged.A.blocks", 2),
        ("paged.A.sampled", 2),
        ("paged.A.stored_bytes", 6 * 36_864),
        ("paged.block 5.filled", 4),
        ("paged.block 1.filled", 2),
        ("paged.block 0.filled", 0),
        ("paged.block 5.references", 1),
        ("paged.block 0.references", 0),
        ("geometry.bytes_per_token", 36_864),
        ("geometry.name", "GPT-2"),
    ],
)
def test_a_name_reads_what_was_worked_out_by_hand(readings, name, value):
    assert readings[name].value == value


def test_a_request_that_has_not_arrived_holds_nothing(readings):
    assert readings["paged.B.phase"].value == "waiting"
    assert readings["paged.B.prompt"].value == 1
    assert readings["paged.B.held"].value == 0


def test_every_name_that_is_offered_can_be_read(readings):
    for name in readings.names():
        assert str(readings[name]) or readings[name].value == "", name


@pytest.mark.parametrize(
    "name",
    ["", ".", "paged", "nobody.stored", "paged.sotred", "paged.Z.held", "paged.A.hold",
     "flat.block 1.filled", "paged.block 9.filled", "paged.block x.filled", "paged.block 5.weight",
     "geometry.weight", "paged.A.held.more"],
)  # fmt: skip
def test_a_name_that_stands_for_nothing_is_refused(readings, name):
    with pytest.raises(UnknownName):
        readings[name]


def test_a_refused_metric_offers_its_neighbours(readings):
    with pytest.raises(UnknownName) as refusal:
        readings["paged.A.hold"]
    assert "paged.A.held" in refusal.value.known


@pytest.mark.parametrize(
    ("reading", "shown"),
    [
        (Reading(1536), "1,536"),
        (Reading(0), "0"),
        (Reading(37.0, "percent"), "37 %"),
        (Reading(37.25, "percent"), "37.2 %"),
        (Reading(73_728, "bytes"), "72 KiB"),
        (Reading((1, 2, 5)), "1, 2, 5"),
        (Reading(()), "none"),
        (Reading("waiting"), "waiting"),
    ],
)
def test_a_reading_is_shown_as_people_write_it(reading, shown):
    assert str(reading) == shown


def test_a_caption_is_filled_in(readings):
    text = "{paged.A.held} of { paged.capacity } slots, {{literally}} {paged.A.stored_bytes}"
    assert fill(text, readings) == "8 of 24 slots, {literally} 216 KiB"


def test_what_is_filled_in_is_not_read_again(readings):
    assert fill("{{{paged.A.held}}}", readings) == "{8}"


def test_a_caption_with_an_unknown_name_is_refused(readings):
    with pytest.raises(UnknownName):
        fill("{paged.A.hold}", readings)


@pytest.mark.parametrize(
    "claim",
    ["paged.A.held == 8", "paged.A.held<12", "paged.A.held <= flat.A.held", "flat.wasted != 5",
     "paged.A.phase == running", "paged.A.table == [5, 1]", "paged.A.table == [5,1]",
     "flat.A.table == []", "paged.held + paged.free == paged.capacity",
     "flat.A.held - 6 == flat.A.empty", "flat.utilisation >= 49.5", "-1 < paged.A.held",
     "paged.A.phase != 3", "paged.A.table != 8"],
)  # fmt: skip
def test_a_true_claim_holds(readings, claim):
    assert holds(parse(claim), readings)[0]


@pytest.mark.parametrize(
    "claim",
    ["paged.A.held == 9", "paged.A.held > flat.A.held", "paged.A.phase == waiting",
     "paged.A.table == [1, 5]", "paged.A.table == [5]", "paged.A.phase == 3", "1 > 1",
     "paged.A.phase < 3"],
)  # fmt: skip
def test_a_false_claim_does_not(readings, claim):
    assert not holds(parse(claim), readings)[0]


def test_a_claim_tells_both_values(readings):
    assert holds(parse("paged.A.held + 1 > flat.A.held"), readings) == (False, 9, 12)


@pytest.mark.parametrize("text", ["", "paged.A.held", "== 8", "paged.A.held ==", "a = b"])
def test_text_of_another_form_is_no_claim(text):
    with pytest.raises(NotAClaim):
        parse(text)


@pytest.mark.parametrize("claim", ["paged.A.phase + 1 == 2", "paged.A.table - 1 == 2"])
def test_only_numbers_can_be_summed(readings, claim):
    with pytest.raises(NotAClaim):
        holds(parse(claim), readings)


@pytest.mark.parametrize("claim", ["paged.A.table < running", "paged.A.phase > [1]"])
def test_a_list_and_a_word_have_no_order_and_are_never_equal(readings, claim):
    with pytest.raises(TypeError):
        holds(parse(claim), readings)
    assert holds(parse(claim.replace("<", "!=").replace(">", "!=")), readings)[0]


def test_hits_evictions_and_what_is_computed_again_are_told_by_lane_and_request(write):
    text = """\
title: Cache
lanes: {p: {kind: paged/vllm, title: Pool, slots: 16, block_size: 4, reserve_full_isl: false}}
requests:
  A: {prompt: one two three four five, output: six seven eight}
  B: {prompt: one two three four nine, output: ten eleven twelve and so on until it is full}
  C: {prompt: quite another prompt that takes every block there is, output: yes it does}
beats:
  - {title: First, do: [admit: A, {step: 4}, admit: B, step], say: "{p.B.hits} {p.hits}"}
  - {title: Then, do: [{step: 12}, admit: C, {step: 4}], say: "{p.evicted} {p.A.recomputed}"}
"""
    beats = play(read(write("cache.yaml", text))).beats
    assert beats[0].caption == "4 4"
    evicted, again = beats[1].caption.split()
    assert int(evicted) > 0 and again == "0"
