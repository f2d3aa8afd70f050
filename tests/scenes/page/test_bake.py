"""What a page is given: it draws what a film draws, and says what the model did."""

import json
from itertools import chain, pairwise

import pytest

from pagereel.read import read_timeline
from pagereel.scenes.canvas import CANVASES
from pagereel.scenes.page.bake import SCREENS, bake, bare
from pagereel.scenes.page.rules import RULES
from pagereel.scenes.pictures.compose import compose_beats
from pagereel.scenes.shapes.motion import derive, ease
from pagereel.scenes.style import THEMES, paint

from places import ROOT, TESTS

COURSE = ROOT / "storyboards"
SOME = (
    "01-the-quick-brown-fox",
    "05-blocks-and-the-block-table",
    "09-beam-search",
    "11-preemption",
)


def baked(name, screens=SCREENS):
    return bake(read_timeline(COURSE / f"{name}.yaml"), screens)


def drawn_at(canvas, i, time):
    """What a player draws on the way from picture i to the next: the contract, in a few lines."""
    rows, after = canvas["rows"], canvas["pictures"][i + 1]
    leaving, between, moving = [], {}, {}
    for before, end, start, stop, *place in canvas["motions"][i]:
        share = ease(min(max((time * 1000 - start) / (stop - start), 0), 1))
        pose = between_rows(before < 0 or rows[before], end < 0 or rows[end], share)
        if end >= 0 and end in after:
            moving[end] = pose
        elif place:
            between.setdefault(place[0], []).append(pose)
        else:
            leaving.append(pose)
    staying = [
        (*between.get(at, ()), moving.get(row) or between_rows(rows[row], rows[row], 1))
        for at, row in enumerate(after)
    ]
    drawn = [*leaving, *chain.from_iterable(staying), *between.get(len(after), ())]
    return [pose for pose in drawn if pose["o"] > 0]


def between_rows(before, after, share):
    """Numbers of a shape on its way; True in the place of a row says that there is none."""
    if before is True or after is True:
        row = numbers(after if before is True else before)
        return row | {"o": row["o"] * (share if before is True else 1 - share)}
    first, last = numbers(before), numbers(after)
    if first.keys() != last.keys() or len(first["at"]) != len(last["at"]):
        return last
    mixed = [a + (b - a) * share for a, b in zip(first["at"], last["at"], strict=True)]
    return last | {"at": mixed, "o": first["o"] + (last["o"] - first["o"]) * share}


def numbers(row):
    at = row.get("b") or ([*chain.from_iterable(row["d"])] if "d" in row else [row["x"], row["y"]])
    return {"k": row["k"], "at": list(at), "o": row.get("o", 1)}


def places(shape):
    if hasattr(shape, "box"):
        return list(shape.box)
    return [*chain.from_iterable(shape.points)] if hasattr(shape, "points") else [shape.x, shape.y]


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("screen", SCREENS)
def test_a_page_moves_every_shape_as_the_film_does(name, screen):
    timeline = read_timeline(COURSE / f"{name}.yaml")
    canvas = bake(timeline, {screen: SCREENS[screen]})["canvases"][screen]
    pictures = [
        paint(bare(picture), THEMES["dark"])
        for beat in compose_beats(timeline, SCREENS[screen])
        for picture in beat
    ]
    assert len(canvas["pictures"]) == len(pictures)
    assert len(canvas["motions"]) == len(pictures) - 1
    for i, (before, after) in enumerate(pairwise(pictures)):
        motion = derive(before, after)
        for time in (0.3, 0.72):
            film = [shape for shape in motion.at(time) if shape.opacity > 0]
            page = drawn_at(canvas, i, time)
            assert [pose["k"] for pose in page] == [shape.key for shape in film]
            for pose, shape in zip(page, film, strict=True):
                assert pose["at"] == pytest.approx(places(shape), abs=0.02), shape.key
                assert pose["o"] == pytest.approx(shape.opacity, abs=0.02), shape.key


def test_every_colour_of_a_row_stands_in_every_theme():
    story = baked("06-side-by-side-under-load")
    inks = {
        row[key]
        for canvas in story["canvases"].values()
        for row in canvas["rows"]
        for key in ("f", "s", "pi")
        if key in row
    }
    assert story["themes"].keys() == THEMES.keys()
    for palette in story["themes"].values():
        assert inks - {"clear"} <= palette.keys()


def test_every_picture_has_one_step_and_every_step_its_picture():
    story = baked("08-copy-on-write")
    steps = [step["picture"] for beat in story["beats"] for step in beat["steps"]]
    assert steps == [*range(len(story["canvases"]["phone"]["pictures"]))]


def test_a_caption_is_said_only_when_its_question_is_answered():
    asking = [
        (step["asking"], step["say"])
        for beat in baked("11-preemption")["beats"]
        if "question" in beat
        for step in beat["steps"]
    ]
    assert asking and all((said == "") == asks for asks, said in asking)


def test_of_a_question_one_answer_is_right():
    story = baked("04-fragmentation")
    asked = [beat["question"] for beat in story["beats"] if "question" in beat]
    assert asked
    assert all(sum(option["right"] for option in one["options"]) == 1 for one in asked)


def test_the_parts_of_a_memory_add_up_to_its_capacity():
    for beat in baked("07-sharing-a-prefix")["beats"]:
        for lane in (lane for step in beat["steps"] for lane in step["memory"].values()):
            parts = ("stored", "reserved", "internal", "external", "cached", "free")
            assert sum(lane[part] for part in parts) == lane["capacity"]


def test_a_refusal_says_why_by_its_rule_and_source():
    lines = [
        line
        for beat in baked("01-the-quick-brown-fox")["beats"]
        for step in beat["steps"]
        for line in step["happened"].get("contiguous", ())
        if line["what"] == "refused"
    ]
    assert lines[0]["text"] == "C does not fit: it needs 24 slots; 0 are free."
    assert lines[0]["rule"] and lines[0]["source"]


def test_rules_of_vllm_are_those_that_the_page_of_rules_has():
    page = (ROOT / "docs/vllm-rules.md").read_text("utf-8")
    for rule in RULES["paged/vllm"].values():
        number = rule.source.split("rule ")[1].split(" ")[0]
        assert f"- **{number}**" in page


def test_numbers_are_modelled_quoted_or_measured_and_each_says_by_whom():
    steps = [
        step
        for name in ("00-paged-attention-in-three-minutes", "14-where-did-my-gpu-memory-go")
        for beat in baked(name)["beats"]
        for step in beat["steps"]
    ]
    assert {step["origin"] for step in steps} >= {"modelled", "quoted"}
    assert all(step["source"] for step in steps)


def test_a_story_with_a_recording_or_a_measured_chart_is_only_looked_at():
    story = baked("17-measured", {"phone": CANVASES["9:16"]})
    assert not story["editable"] and story["settings"] == []


def test_settings_have_the_values_of_the_storyboard():
    values = {one["key"]: one["value"] for one in baked(SOME[0])["settings"]}
    assert values["block_size"] == 4
    assert values["requests.A.prompt"] == "The quick brown fox"
    assert values["lanes.contiguous.placement"] == "first-fit"


def test_nameless_tokens_are_a_number():
    story = baked("14-where-did-my-gpu-memory-go")
    asked = {request["id"]: request["prompt"] for request in story["requests"]}
    assert asked["A"].startswith("Where did") and asked["B1"] == 620


@pytest.mark.parametrize("path", sorted((TESTS / "valid").glob("*.yaml")), ids=lambda p: p.stem)
def test_whatever_can_be_read_can_be_baked_and_is_the_same_each_time(path):
    once, twice = (json.dumps(bake(read_timeline(path))) for _ in range(2))
    assert once == twice


def test_what_happened_is_told_in_words_of_the_page():
    story = baked("09-beam-search")
    told = [
        line["text"]
        for beat in story["beats"]
        for step in beat["steps"]
        for lines in step["happened"].values()
        for line in lines
    ]
    assert told and all(text.endswith((".", "more")) for text in told)
