"""What `list` tells is kept, and made again only for what has changed."""

import json

import pytest

import pagereel.read
from pagereel.errors import InputWrong
from pagereel.outputs import listing
from pagereel.outputs.listing import Listed, listed

CHARTED = """\
title: Nothing measured yet
record: results
lanes: {paged: {kind: paged, title: Paged}}
parameters: {slots: 16, block_size: 4, max_len: 8}
beats:
  - {title: A chart, card: chart, chart: {show: split, of: four}, say: "Nothing was measured."}
"""


@pytest.fixture
def reads(monkeypatch, tmp_path):
    """The names of the storyboards that are read, with a cache of their own."""
    done, real = [], pagereel.read.read_timeline

    def counted(path, overrides=()):
        done.append(path.stem)
        return real(path, overrides)

    monkeypatch.setenv("PAGEREEL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(pagereel.read, "read_timeline", counted)
    return done


@pytest.fixture
def folder(tmp_path, story):
    """Two storyboards."""
    found = tmp_path / "boards"
    found.mkdir()
    for name in ("one", "two"):
        (found / f"{name}.yaml").write_text(story, "utf-8")
    return found


def entries(tmp_path):
    return sorted((tmp_path / "cache" / "listed").glob("*.json"))


def test_what_has_not_changed_is_not_read_again(reads, folder):
    first = [listed(path) for path in sorted(folder.iterdir())]
    assert [listed(path) for path in sorted(folder.iterdir())] == first
    assert reads == ["one", "two"]
    assert first[0] == Listed("one", first[1].seconds, "Two requests <b>&</b> one pool")
    assert 5 < first[0].seconds < 60


def test_one_edited_file_rereads_itself_alone(reads, folder, story):
    before = [listed(path) for path in sorted(folder.iterdir())]
    (folder / "two.yaml").write_text(story.replace("Nothing moves", "All stand still"), "utf-8")
    after = [listed(path) for path in sorted(folder.iterdir())]
    assert reads == ["one", "two", "two"]
    assert after[0] == before[0]


def test_a_file_that_the_storyboard_names_counts_as_well(reads, tmp_path):
    path = tmp_path / "charted.yaml"
    path.write_text(CHARTED, "utf-8")
    results = tmp_path / "results"
    results.mkdir()
    for _ in range(2):
        listed(path)
    assert reads == ["charted"]
    (results / "notes.txt").write_text("something came", "utf-8")
    listed(path)
    assert reads == ["charted"] * 2


def test_other_code_makes_every_entry_anew(reads, folder, monkeypatch):
    listed(folder / "one.yaml")
    monkeypatch.setattr(listing, "code_digest", lambda: "other code")
    listed(folder / "one.yaml")
    assert reads == ["one", "one"]


def test_the_code_that_decides_is_digested_and_what_only_publishes_is_not():
    assert "outputs" in listing.ELSEWHERE and "scenes" not in listing.ELSEWHERE
    assert listing.code_digest() == listing.code_digest.__wrapped__()


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", "null", '{"title": 1, "seconds": 2.0, "named": {}}', "\ud800",
     '{"title": "x", "seconds": "2", "named": {}}', '{"title": "x", "seconds": 2.0, "named": 3}'],
)  # fmt: skip
def test_a_damaged_entry_is_none(damage, reads, folder, tmp_path):
    first = listed(folder / "one.yaml")
    (entry,) = entries(tmp_path)
    entry.write_bytes(damage.encode("utf-8", "surrogatepass"))
    assert listed(folder / "one.yaml") == first
    assert reads == ["one", "one"]
    assert json.loads(entry.read_text("utf-8"))["title"] == first.title


def test_without_a_cache_it_is_told_all_the_same(reads, folder, tmp_path):
    (tmp_path / "cache").write_text("a file in the way", "utf-8")
    assert listed(folder / "one.yaml") == listed(folder / "one.yaml")
    assert reads == ["one", "one"]


def test_mistakes_are_told_each_time_and_nothing_is_kept(reads, folder, tmp_path):
    (folder / "one.yaml").write_text("title: [", "utf-8")
    for _ in range(2):
        with pytest.raises(InputWrong, match=r"one\.yaml"):
            listed(folder / "one.yaml")
    assert not (tmp_path / "cache" / "listed").exists()
