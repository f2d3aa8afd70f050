"""What verify approves can be shown: it is decoded to its end, unless one is in haste."""

import hashlib
import json
import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from pagereel.outputs.decoding import fault_of
from pagereel.outputs.verify import Look, verify
from pagereel.render.encoding.encode import ClipEncoder
from pagereel.render.encoding.formats import FORMATS


def clip(path):
    """Thirty frames of noise, so that a lost byte shows."""
    dice = np.random.default_rng(3)
    with ClipEncoder(path, 64, 36, 10, FORMATS[path.suffix[1:]]) as encoder:
        for _ in range(30):
            encoder.show(dice.integers(0, 255, (36, 64, 4), dtype=np.uint8), 1)


def png(path):
    Image.new("RGB", (40, 30), "red").save(path)


def gif(path):
    images = [Image.new("P", (40, 30), number) for number in range(5)]
    images[0].save(path, save_all=True, append_images=images[1:])


def svg(path):
    path.write_text("<svg xmlns='http://www.w3.org/2000/svg'><text>x</text></svg>", "utf-8")


def pptx(path):
    png(path.with_name("still.png"))
    clip(path.with_name("clip.mp4"))
    with zipfile.ZipFile(path, "w") as packed:
        for name in ("still.png", "clip.mp4"):
            packed.write(path.with_name(name), f"ppt/media/{name}")
        packed.writestr("ppt/presentation.xml", "<p/>")


def pdf(path):
    path.write_bytes(b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n")


def srt(path):
    path.write_text("1\n00:00:00,000 --> 00:00:01,000\nWords\n", "utf-8")


MAKERS = {
    **{f"a.{form}": clip for form in ("mp4", "webm", "mov")},
    **{f"a.{make.__name__}": make for make in (png, gif, svg, pptx, pdf)},
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_whole_file_has_no_fault_and_half_of_one_has(name, tmp_path):
    path = tmp_path / name
    MAKERS[name](path)
    frames = 30 if MAKERS[name] is clip else None
    assert fault_of(path, frames) == ""
    data = path.read_bytes()
    for part in (data[: len(data) * 2 // 3], b""):
        path.write_bytes(part)
        told = fault_of(path, frames)
        assert told and "\n" not in told and len(told) <= 200


def test_captions_are_text(tmp_path):
    srt(tmp_path / "a.srt")
    assert fault_of(tmp_path / "a.srt") == ""
    (tmp_path / "a.srt").write_bytes(b"\xff\xfe\0")
    assert "UTF-16" in fault_of(tmp_path / "a.srt")


def test_a_video_has_the_frames_it_should_have(tmp_path):
    clip(tmp_path / "a.mp4")
    assert fault_of(tmp_path / "a.mp4", 30) == ""
    assert fault_of(tmp_path / "a.mp4", 31) == "30 frames can be decoded, of 31"
    assert fault_of(tmp_path / "a.mp4", 29) == "frame 30 is not as it was made"


def test_a_damaged_clip_in_slides_is_found_though_the_archive_is_whole(tmp_path):
    pptx(tmp_path / "a.pptx")
    data = (tmp_path / "clip.mp4").read_bytes()
    with zipfile.ZipFile(tmp_path / "b.pptx", "w") as packed:
        packed.writestr("ppt/media/clip.mp4", data[: len(data) // 2])
    assert fault_of(tmp_path / "b.pptx")


@pytest.mark.pixels
def test_a_video_that_was_made_broken_is_not_approved(rendered, board, pagereel, tmp_path):
    folder = shutil.copytree(rendered[0], tmp_path / "out")
    video, manifest = folder / "two-requests.mp4", folder / "manifest.json"
    data = bytearray(video.read_bytes())
    half = len(data) // 2
    data[half:] = bytes(len(data) - half)
    video.write_bytes(data)
    about = json.loads(manifest.read_text("utf-8"))
    about["files"][video.name]["sha256"] = hashlib.sha256(data).hexdigest()
    manifest.write_text(json.dumps(about), "utf-8")

    verdict = verify(video, board)
    assert verdict.intact and verdict.fault and not verdict.good
    assert "cannot be decoded" in str(verdict)
    assert verify(video, board, Look.QUICK).good
    done = pagereel("verify", video, "--storyboard", board)
    assert done.returncode == 1 and "make it again" in done.stderr
    assert pagereel("verify", video, "--storyboard", board, "--quick").returncode == 0
