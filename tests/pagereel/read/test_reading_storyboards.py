"""A good storyboard becomes what the model plays; an override changes it for one run."""

import json
import os

import pytest

from pagereel.model.play import play
from pagereel.model.storyboard.storyboard import Admit, Advance, CallOut, Free
from pagereel.read import (
    StoryboardProblems,
    UnsafeName,
    parse_override,
    read,
    safe_name,
    schema_json,
    starter,
)

from places import ROOT, TESTS

FOX = """
title: Fox
parameters: {slots: 48, block_size: 4, max_len: 24}
lanes:
  contiguous: {kind: contiguous, max_len: 12}
  paged_memory: {kind: paged, free_order: [7, 1]}
requests:
  A: {prompt: "The quick  brown fox", output: 3}
beats:
  - {title: Run, say: "{paged_memory.A.blocks}", do: [admit: A, step: 2],
     expect: [paged_memory.A.blocks == 2]}
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="fox.yaml"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.mark.parametrize("path", sorted((TESTS / "valid").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_valid_storyboard_is_read_and_played(path):
    storyboard = read(path)
    assert len(play(storyboard).beats) == len(storyboard.beats)


def test_verbs_become_what_the_model_performs():
    storyboard = read(TESTS / "valid" / "every-verb.yaml")
    do = [verb for beat in storyboard.beats for verb in beat.do]
    assert do == [Admit("A"), Advance(1), Advance(2), Admit("B"), Free("B"), Advance(4)]


def test_a_lane_takes_what_it_does_not_say_from_the_parameters(write):
    contiguous, paged = read(write(FOX)).lanes
    assert (contiguous.slots, contiguous.max_len, contiguous.title) == (48, 12, "Contiguous")
    assert (paged.block_size, paged.title) == (4, "Paged memory")


def test_the_free_order_names_the_first_blocks_and_the_others_follow(write):
    assert read(write(FOX)).lanes[1].free_order == (7, 1, 0, 2, 3, 4, 5, 6, 8, 9, 10, 11)


def test_text_is_split_into_words_and_a_number_into_tokens_named_by_their_position(write):
    script = read(write(FOX)).script("A")
    assert script.prompt == ("The", " quick", "  brown", " fox")
    assert script.output == (" A·5", " A·6", " A·7")


def test_listed_tokens_are_taken_as_they_stand(write):
    text = FOX.replace('"The quick  brown fox"', '["Th", "e", " \\u0007", "!"]')
    assert read(write(text)).script("A").prompt == ("Th", "e", " \x07", "!")


def test_markup_and_doubled_braces_are_kept_verbatim(write):
    text = FOX.replace("title: Fox", 'title: "<b>{{Fox}}</b> $x$ # \\\\n"')
    assert read(write(text)).title == "<b>{{Fox}}</b> $x$ # \\n"


def test_a_caption_shows_doubled_braces_as_one(write):
    text = FOX.replace('"{paged_memory.A.blocks}"', '"{{{paged_memory.A.blocks}}}"')
    assert play(read(write(text))).beats[0].caption == "{2}"


def test_callouts_keep_their_target_and_text(write):
    text = FOX.replace("do: [", "callouts: [{at: block 7, text: here}], do: [")
    assert read(write(text)).beats[0].shots[0].callouts == (CallOut("block 7", "here"),)


def test_a_storyboard_is_named_after_its_file(write):
    assert read(write(FOX, "01-fox.yaml")).name == "01-fox"


def test_a_byte_order_mark_is_not_part_of_the_text(write):
    assert read(write("\ufeff" + FOX.lstrip())).title == "Fox"


def test_a_geometry_of_its_own_counts_bytes(write):
    text = FOX + "model: {layers: 2, kv_heads: 1, head_dim: 8, dtype: fp8}\n"
    assert read(write(text)).geometry.bytes_per_token == 2 * 2 * 8


def test_an_anchor_can_be_used_again(write):
    text = FOX.replace("output: 3}", "output: &n 3, arrival: *n}").replace(
        "admit: A, step: 2", "step: 4"
    )
    assert read(write(text)).script("A").arrival == 3


def test_a_bare_override_is_a_parameter(write):
    assert read(write(FOX), ["block_size=8"]).lanes[1].block_size == 8


def test_a_free_order_shrinks_with_the_number_of_blocks(write):
    assert read(write(FOX), ["block_size=16"]).lanes[1].free_order == (1, 0, 2)


def test_overrides_apply_in_order_and_reach_every_part(write):
    storyboard = read(
        write(FOX),
        [
            *("slots=96", "slots=60", "title=2024", "lanes.contiguous.placement=best-fit"),
            *("requests.A.prompt=Hello world: #1", "beats.1.title=no", "model=opt-13b"),
        ],
    )
    assert storyboard.lanes[0].slots == 60
    assert storyboard.lanes[0].placement == "best-fit"
    assert storyboard.title == "2024"
    assert storyboard.script("A").prompt == ("Hello", " world:", " #1")
    assert storyboard.beats[0].title == "no"
    assert storyboard.geometry.name == "opt-13b"


def test_an_override_may_be_a_yaml_list(write):
    storyboard = read(write(FOX), ['requests.A.prompt=["a", " b"]'])
    assert storyboard.script("A").prompt == ("a", " b")


def test_a_claim_that_an_override_breaks_is_dropped_and_one_that_holds_is_kept(write):
    assert read(write(FOX), ["block_size=8"]).beats[0].expect == ()
    assert len(read(write(FOX), ["max_len=20"]).beats[0].expect) == 1


def test_an_override_splits_at_its_first_equals_sign():
    override = parse_override("beats.1.say=a = b")
    assert [key.text for key in override.keys] == ["beats", "1", "say"]
    assert override.value.text == "a = b"


@pytest.mark.parametrize("text", ["", "=", "=3", "a..b=1", "slots", ".=1", "a.b.c.d.e.f.g=1"])
def test_an_override_that_is_none_is_refused(text):
    with pytest.raises(StoryboardProblems):
        parse_override(text)


def test_problems_carry_their_place(write):
    path = write(FOX.replace("title: Fox", "titel: Fox"))
    with pytest.raises(StoryboardProblems) as refusal:
        read(path)
    (problem,) = refusal.value.problems
    assert problem.place == (path.as_posix(), 2, 1)
    assert problem.message == "unknown key `titel`"
    assert problem.remedy == "did you mean `title`?"


def test_a_missing_file_suggests_its_neighbour(write):
    path = write(FOX)
    with pytest.raises(StoryboardProblems, match=r"no such file\n   did you mean `fox.yaml`"):
        read(path.with_name("fx.yaml"))


def test_a_folder_is_no_storyboard(tmp_path):
    with pytest.raises(StoryboardProblems, match="this is a folder"):
        read(tmp_path)


def test_a_file_that_the_system_refuses_to_open_is_a_problem(write, monkeypatch):
    path = write(FOX)
    monkeypatch.setattr(os, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no")))
    with pytest.raises(StoryboardProblems, match="cannot be read: Permission denied"):
        read(path)


def test_a_fifo_is_no_storyboard(tmp_path):
    os.mkfifo(tmp_path / "story.yaml")
    with pytest.raises(StoryboardProblems, match="this is a FIFO, not a file"):
        read(tmp_path / "story.yaml")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "this is a PNG picture\n   a storyboard is a text in YAML"),
        ("title: Fox".encode("utf-16-le"), "this is UTF-16\n   save the file as UTF-8"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "this is a gzip file\n"),
    ],
)
def test_what_is_no_text_is_named_for_what_it_is(tmp_path, data, message):
    path = tmp_path / "story.yaml"
    path.write_bytes(data)
    with pytest.raises(StoryboardProblems) as refusal:
        read(path)
    assert str(refusal.value).startswith(f"{path}: {message}")


def test_a_path_with_a_nul_is_a_problem():
    with pytest.raises(StoryboardProblems):
        read("a\0b.yaml")


def test_a_huge_file_is_refused_unread(write):
    with pytest.raises(StoryboardProblems, match="larger than 1,024 KiB"):
        read(write("#" * (1024 * 1024 + 1)))


def test_hundreds_of_mistakes_are_counted_not_listed(write):
    with pytest.raises(StoryboardProblems) as refusal:
        read(write(FOX + "".join(f"key{n}: 1\n" for n in range(150))))
    assert str(refusal.value).endswith("and 100 more")


def test_the_committed_schema_is_current():
    committed = ROOT / "storyboards" / "schema.json"
    assert committed.read_text("utf-8") == schema_json(), "write it again: pagereel schema"


def test_every_key_of_the_schema_has_a_description():
    schema = json.loads(schema_json())
    for form in (schema, *schema["$defs"].values()):
        assert form["description"]
        for name, key in form["properties"].items():
            assert key.get("description"), name


def test_the_starter_is_valid_and_plays(write):
    path = write(starter("my-first_story"))
    storyboard = read(path)
    assert storyboard.title == "My first story"
    assert play(storyboard).beats[-1].caption
    read(path, ["block_size=8"])


def test_a_starter_named_like_a_truth_value_is_still_text(write):
    assert read(write(starter("no"))).title == "No"


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../x", "a/b", "a\\b", "/etc/x", "C:x"),
        *("a b", "-x", "nul", "x\n", "a.b", "ä", "x" * 65),
    ],
)
def test_a_name_that_could_leave_the_folder_is_refused(name):
    with pytest.raises(UnsafeName):
        safe_name(name)


def test_a_name_may_come_with_its_suffix():
    assert safe_name("01-fox.yaml") == "01-fox"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "storyboards").glob("*.yaml")), ids=lambda p: p.stem
)
def test_every_storyboard_of_the_course_is_valid_as_written(path):
    assert read(path).beats
