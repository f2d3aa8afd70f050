"""Editions of a storyboard lie side by side: in whatever order they are made, no manifest lies."""

import hashlib
import itertools
import json
import random
from concurrent.futures import Executor, Future
from contextlib import nullcontext

import pytest

from pagereel.errors import InputWrong
from pagereel.outputs.deck import write_deck
from pagereel.outputs.frames import write_frames
from pagereel.outputs.sheet import write_sheet
from pagereel.outputs.video import render
from pagereel.read import read_timeline
from pagereel.render.plan import Edition, Source, plan
from pagereel.render.settings import DeckOptions, FrameOptions, Settings
from pagereel.storage.outgoing import publishing

pytestmark = pytest.mark.pixels
BOARD = """\
title: Two cards
model: gpt2
parameters: {slots: 16, block_size: 4, max_len: 8}
lanes:
  paged: {kind: paged, title: Paged}
requests:
  A: {prompt: The quick, output: " brown fox"}
beats:
  - {title: A card, card: title, say: One.}
  - {title: A comes, do: [admit: A], say: Two.}
"""
FAST, LOUD = Settings("draft", speed=10), Settings("draft", theme="light", speed=10)


class InTurn(Executor):
    """Does every job at once, in this process."""

    def submit(self, function, /, *arguments, **named):
        future = Future()
        future.set_result(function(*arguments, **named))
        return future


def some_pages(pages, about, target):
    """In place of a PDF, whose fonts take their time."""
    target.write_text(f"{about.title}: {len(pages)} pages", "utf-8")


@pytest.fixture
def source(tmp_path, monkeypatch, shared_cache):
    """A storyboard of two short beats, and everything that is drawn is small and drawn here."""
    monkeypatch.setenv("PAGEREEL_CACHE", str(shared_cache))
    monkeypatch.setattr("pagereel.render.workers.processes", lambda jobs: nullcontext(InTurn()))
    monkeypatch.setattr("pagereel.outputs.deck.STILL_ROWS", 90)
    monkeypatch.setattr("pagereel.outputs.pdf.write_pdf", some_pages)
    path = tmp_path / "cards.yaml"
    path.write_text(BOARD, "utf-8")
    return Source(path, read_timeline(path))


def video(source, out, form="mp4", beats=None, settings=FAST):
    chosen = Settings(settings.quality, theme=settings.theme, speed=10, format=form)
    render(plan(source, chosen, Edition(beats)), out, 1)


def frames(source, out, form="png", each="beat"):
    write_frames(source, FAST, FrameOptions(90, form=form, each=each, text="outline"), out, 1)


def deck(source, out, *kinds):
    write_deck(plan(source, FAST), DeckOptions(kinds), out, 1)


def truth(folder):
    """The files that the manifests name; every one is there and is what it was."""
    named = set()
    for manifest in folder.rglob("*manifest.json"):
        for name, told in json.loads(manifest.read_text("utf-8"))["files"].items():
            data = (manifest.parent / name).read_bytes()
            assert told["sha256"] == hashlib.sha256(data).hexdigest(), (manifest.name, name)
            named.add(str((manifest.parent / name).relative_to(folder)))
    return named


def files(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)) for path in paths if "manifest" not in path.name}


STEPS = {
    "whole": lambda source, out: video(source, out),
    "light": lambda source, out: video(source, out, settings=LOUD),
    "gif": lambda source, out: video(source, out, "gif"),
    "part": lambda source, out: video(source, out, beats=(2, 2)),
    "part of a gif": lambda source, out: video(source, out, "gif", (2, 2)),
    "frames": lambda source, out: frames(source, out),
    "steps": lambda source, out: frames(source, out, each="step"),
    "vectors": lambda source, out: frames(source, out, "svg"),
    "slides": lambda source, out: deck(source, out, "pptx", "pdf"),
    "pages": lambda source, out: deck(source, out, "pdf"),
}


def test_every_order_of_commands_leaves_true_manifests_that_miss_nothing(source, tmp_path):
    dice = random.Random(7)
    order = [*dice.sample(sorted(STEPS), len(STEPS)), *dice.choices(sorted(STEPS), k=4)]
    for name in order:
        STEPS[name](source, tmp_path / "out")
        assert truth(tmp_path / "out") == files(tmp_path / "out"), order


def test_editions_share_no_file(source, tmp_path):
    for form, beats in itertools.product(("mp4", "gif"), (None, (1, 1))):
        video(source, tmp_path, form, beats)
    assert files(tmp_path / "cards") == {
        *("cards.mp4", "cards.srt", "cards.vtt", "poster.png"),
        *("cards.gif", "cards.gif.srt", "cards.gif.vtt", "cards.gif.poster.png"),
        *("cards-1.mp4", "cards-1.srt", "cards-1.vtt", "cards-1.poster.png"),
        *("cards-1.gif", "cards-1.gif.srt", "cards-1.gif.vtt", "cards-1.gif.poster.png"),
    }
    assert {path.name for path in (tmp_path / "cards").glob("*manifest.json")} == {
        "manifest.json",
        "cards.gif.manifest.json",
        "cards-1.mp4.manifest.json",
        "cards-1.gif.manifest.json",
    }


def test_frames_of_an_earlier_run_go_unless_somebody_has_changed_them(source, tmp_path):
    frames(source, tmp_path, each="step")
    video(source, tmp_path)
    folder = tmp_path / "cards"
    (folder / "01-01.png").write_bytes(b"retouched")
    (folder / "99.png").write_bytes(b"a stranger's")
    frames(source, tmp_path)
    pictures = {name for name in files(folder) if name.endswith(".png")}
    assert pictures == {"01-01.png", "99.png", "01.png", "02.png", "poster.png"}


def test_a_storyboard_is_never_written_over_nor_what_it_is_made_from(source, tmp_path):
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "poster.png").hardlink_to(source.path)
    with pytest.raises(InputWrong, match="this is made from it"):
        video(source, tmp_path)
    named = tmp_path / "named.yaml"
    named.write_text(f"recording: cards/manifest.json\n{BOARD}", "utf-8")
    made_from = Source(named, source.timeline).inputs
    assert made_from == (named, folder / "manifest.json")
    (folder / "manifest.json").write_text("a recording", "utf-8")
    with pytest.raises(InputWrong), publishing(folder, made_from) as bench:
        (bench / "manifest.json").write_text("{}", "utf-8")
    over = Source(source.path, source.timeline, ("recording=x.jsonl",))
    assert over.inputs[1].name == "x.jsonl"


def test_a_sheet_beside_frames_makes_no_manifest_untrue(source, tmp_path):
    named = source.path.rename(tmp_path / "01.yaml")
    again = Source(named, read_timeline(named))
    frames(again, tmp_path)
    write_sheet(again, FAST, FrameOptions(90), tmp_path / "01", 1)
    assert truth(tmp_path / "01") == set()
    assert {"01.png", "02.png", "index.json"} == files(tmp_path / "01")
