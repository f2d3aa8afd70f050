"""The same storyboard gives the same bytes: on any day, in any folder, for any user, every time."""

import hashlib
import os
import subprocess
import sys
import wave
import zipfile

import numpy as np
import pytest

from pagereel.errors import InputWrong
from pagereel.render.encoding.encode import ClipEncoder
from pagereel.render.encoding.formats import FORMATS
from pagereel.render.plan import edition
from pagereel.render.settings import Settings

from places import ROOT

STORY = """\
title: Seen twice
model: gpt2
parameters: {slots: 8, block_size: 4}
lanes: {paged: {kind: paged, title: Paged}}
requests: {A: {prompt: The quick, output: " brown fox"}}
beats: [{title: One step, do: [admit: A, step], say: "{paged.A.held} slots."}]
"""
EVERYTHING = """\
import sys
from pagereel.cli.boundary import main

film = ["render", "seen.yaml", "--quality", "draft", "--speed", "4"]
for words in (
    [*film, "--voice", "recorded:voice"],
    *([*film, "--format", form] for form in ("gif", "webm", "mov")),
    ["frames", "seen.yaml", "--at-2x", "--size", "90", "-o", "png"],
    ["frames", "seen.yaml", "--format", "svg", "-o", "svg"],
    ["frames", "seen.yaml", "--sheet", "--size", "90"],
    ["deck", "seen.yaml", "--quality", "draft", "--speed", "4"],
):
    sys.argv = ["pagereel", *words, "--jobs", sys.argv[-1]]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, words
"""


def made(place, jobs, changed_at, **variables):
    """The digests of all that one user's runs write, by name."""
    (place / "voice").mkdir(parents=True)
    (place / "seen.yaml").write_text(STORY, "utf-8")
    with wave.open(str(place / "voice" / "01.wav"), "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes((np.sin(np.arange(8_000) / 9) * 9_000).astype("<i2").tobytes())
    os.utime(place / "seen.yaml", (changed_at, changed_at))
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **variables}
    environment |= {"HOME": str(place / "home"), "PAGEREEL_CACHE": str(place / "cache")}
    words = [sys.executable, "-c", EVERYTHING, str(jobs)]
    done = subprocess.run(words, cwd=place, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    files = [p for f in ("output", "png", "svg") for p in (place / f).rglob("*") if p.is_file()]
    return {str(p.relative_to(place)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.pixels
def test_two_users_on_two_days_write_the_same_bytes(tmp_path):
    west = {"TZ": "Etc/GMT+12", "LANG": "C", "PYTHONHASHSEED": "1"}
    east = {"TZ": "Pacific/Kiritimati", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "2"}
    one = made(tmp_path / "one", 1, 1_000_000_000, **west)
    other = made(tmp_path / "a longer name", 2, 1_900_000_000, **east)
    kinds = "gif json mov mp4 pdf png pptx srt svg vtt webm"
    assert sorted({name.rpartition(".")[2] for name in one}) == kinds.split()
    assert one == other
    with zipfile.ZipFile(tmp_path / "one" / "output" / "seen.pptx") as slides:
        assert {part.date_time for part in slides.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"dcterms:" not in slides.read("docProps/core.xml").partition(b"<dc:")[2]


def boxes(width, height, time):
    """An image of boxes that move before a dark ground, and a band that grows, of noise."""
    noise = np.random.default_rng(1).integers(0, 255, (6, width, 3), dtype=np.uint8)
    image = np.full((height, width, 4), (15, 19, 24, 255), dtype=np.uint8)
    for j in range(12):
        x, y = (13 * j + 3 * time) % (width - 16), (7 * j + time) % (height - 10)
        image[y : y + 10, x : x + 16, :3] = 40 * j % 256, 200 - 9 * j, 77 * j % 256
    middle, end = height // 2, time * width // 30
    image[middle : middle + 6, :end, :3] = noise[:, :end]
    return image


@pytest.mark.parametrize(
    ("form", "width", "height"), [("mp4", 160, 90), ("webm", 160, 90), ("mov", 854, 60)]
)
def test_the_same_images_are_coded_alike_every_time(tmp_path, form, width, height):
    """Memory is filled with chance in between: what an encoder reads of it would show."""
    moving = [boxes(width, height, time) for time in range(30)]
    path, seen = tmp_path / f"clip.{form}", set()
    for _ in range(12):
        chance = [os.urandom(int.from_bytes(os.urandom(2), "big")) for _ in range(50)]
        del chance
        with ClipEncoder(path, width, height, 15, FORMATS[form]) as encoder:
            for time, image in enumerate(moving):
                encoder.show(image, 1 + time % 3)
        seen.add(path.read_bytes())
    assert len(seen) == 1


def test_files_tell_the_day_that_they_are_told_and_no_other(monkeypatch):
    day = lambda date="": edition(None, None, "", date, Settings()).date  # noqa: E731  # said thrice
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert day() == ""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86399")
    assert (day(), day("2026-05-04")) == ("1970-01-01", "2026-05-04")


@pytest.mark.parametrize("wrong", ["tomorrow", "9" * 30, "²", "-1e9"])
def test_a_source_date_that_is_none_is_named(monkeypatch, wrong):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
    with pytest.raises(InputWrong, match="SOURCE_DATE_EPOCH="):
        edition(None, None, "", "", Settings())
