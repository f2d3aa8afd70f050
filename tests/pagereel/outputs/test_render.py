"""A rendered video is what players expect; its side files tell the truth; reruns draw little."""

import hashlib
import json
import re
import struct
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise

import av
import pytest
import srt
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

pytestmark = pytest.mark.pixels


@pytest.fixture(scope="module")
def folder(rendered):
    return rendered[0]


@pytest.fixture(scope="module")
def manifest(folder):
    return json.loads((folder / "manifest.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def video(folder):
    with av.open(str(folder / "two-requests.mp4")) as opened:
        yield opened


@pytest.fixture(scope="module")
def stamps(folder):
    """The presentation time of every frame, decoded."""
    with av.open(str(folder / "two-requests.mp4")) as opened:
        return [Fraction(frame.pts) * frame.time_base for frame in opened.decode(video=0)]


def top_boxes(path):
    """The names of an MP4's top-level boxes, in order."""
    data, at, names = path.read_bytes(), 0, []
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        names.append(name.decode())
        at += size if size > 1 else struct.unpack(">Q", data[at + 8 : at + 16])[0]
    return names


def test_exactly_the_promised_files_are_there(folder):
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["manifest.json", "poster.png", *(f"two-requests.{s}" for s in SIDES)]


SIDES = ("mp4", "srt", "vtt")


def test_the_video_is_h264_in_yuv420p_at_the_promised_size_and_rate(video):
    stream = video.streams.video[0]
    assert stream.codec_context.name == "h264"
    assert stream.codec_context.pix_fmt == "yuv420p"
    assert (stream.width, stream.height) == (854, 480)
    assert stream.average_rate == stream.base_rate == 15
    kinds = [stream.type for stream in video.streams]
    assert kinds == ["video", "subtitle", "data"]  # the last is QuickTime's list of chapters


def test_the_video_says_that_its_colours_are_bt709(video):
    context = video.streams.video[0].codec_context
    assert context.color_primaries == ColorPrimaries.BT709
    assert context.color_trc == ColorTrc.BT709
    assert context.colorspace == Colorspace.ITU709
    assert context.color_range == ColorRange.MPEG


def test_the_colours_are_those_of_the_theme(folder):
    with av.open(str(folder / "two-requests.mp4")) as opened:
        frame = next(opened.decode(video=0))
    corner = frame.to_ndarray(format="rgb24")[4, 4]
    assert abs(corner.astype(int) - (0x0B, 0x10, 0x20)).max() <= 3


def test_every_frame_is_shown_for_the_same_time(stamps):
    assert stamps == [Fraction(i, 15) for i in range(len(stamps))]


def test_the_video_has_as_many_frames_as_the_manifest_says(stamps, manifest, video):
    assert len(stamps) == manifest["frames"] == sum(b["frames"] for b in manifest["beats"])
    assert video.duration / av.time_base == pytest.approx(manifest["seconds"], abs=0.002)


def test_the_video_starts_to_play_before_it_is_loaded(folder):
    names = top_boxes(folder / "two-requests.mp4")
    assert names.index("moov") < names.index("mdat")


def test_the_video_carries_its_title(video):
    assert video.metadata["title"] == "Two requests <b>&</b> one pool"


def test_the_video_can_be_entered_at_every_beat(folder, manifest):
    with av.open(str(folder / "two-requests.mp4")) as opened:
        keys = {packet.pts * packet.time_base for packet in opened.demux(video=0)
                if packet.is_keyframe and packet.pts is not None}  # fmt: skip
    assert {round(beat["start"] * 15) for beat in manifest["beats"]} <= {
        round(key * 15) for key in keys
    }


def test_the_poster_is_the_end_of_the_first_beat_as_png(folder):
    data = (folder / "poster.png").read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", data[16:24]) == (854, 480)


def test_the_manifest_digests_every_other_file(folder, manifest):
    assert set(manifest["files"]) == {p.name for p in folder.iterdir()} - {"manifest.json"}
    for name, said in manifest["files"].items():
        data = (folder / name).read_bytes()
        assert said == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def test_the_manifest_digests_its_storyboard_and_names_its_settings(manifest, board):
    digest = hashlib.sha256(board.read_bytes()).hexdigest()
    assert manifest["storyboard"] == {"file": board.name, "sha256": digest, "set": []}
    assert manifest["settings"]["quality"] == "draft"
    assert manifest["versions"]["manim"]


def test_the_manifest_names_no_path_of_this_machine(folder, board):
    text = (folder / "manifest.json").read_text("utf-8")
    assert str(folder) not in text and str(board.parent) not in text


def test_beats_follow_one_another_without_a_gap(manifest):
    at = 0.0
    for beat in manifest["beats"]:
        assert beat["start"] == pytest.approx(at, abs=1e-5)
        at += beat["duration"]
    assert at == pytest.approx(manifest["seconds"], abs=1e-5)


def test_subrip_captions_cover_their_beats_in_order(folder, manifest):
    shown = list(srt.parse((folder / "two-requests.srt").read_text("utf-8")))
    assert [cue.index for cue in shown] == list(range(1, len(shown) + 1))
    assert all(cue.start < cue.end for cue in shown)
    assert all(a.end <= b.start for a, b in pairwise(shown))
    assert shown[-1].end.total_seconds() == pytest.approx(manifest["seconds"], abs=0.002)
    spoken = " ".join(cue.content.replace("\n", " ") for cue in shown)
    assert spoken == " ".join(beat["caption"].replace("-->", "→") for beat in manifest["beats"])


def test_web_captions_have_the_structure_that_players_parse(folder):
    text = (folder / "two-requests.vtt").read_text("utf-8")
    head, *cues = text.strip().split("\n\n")
    assert head == "WEBVTT"
    clock = r"\d\d:\d\d:\d\d\.\d\d\d"
    for cue in cues:
        timing, *lines = cue.split("\n")
        assert re.fullmatch(f"{clock} --> {clock}", timing)
        assert 1 <= len(lines) <= 2
        assert all("-->" not in line and "<" not in line for line in lines)
    assert "&lt;i&gt;card&lt;/i&gt; &amp;" in text


def test_the_json_result_says_where_the_video_is_and_what_it_took(rendered):
    folder, out = rendered
    (result,) = json.loads(out)
    assert result["video"] == str(folder / "two-requests.mp4")
    assert result["beats"] == 3
    assert result["drawn"] <= 3


def test_a_second_render_draws_nothing_and_does_not_load_manim(
    board, tmp_path, rendered, environment
):
    code = (
        "import sys; sys.argv = ['pagereel', *sys.argv[1:]]\n"
        "from pagereel.cli.app import app; app(standalone_mode=False)\n"
        "print('manim' in sys.modules, file=sys.stderr)"
    )
    words = ["render", str(board), "-o", str(tmp_path), "--quality", "draft", "--json"]
    run = [sys.executable, "-c", code, *words]
    again = subprocess.run(run, env=environment, capture_output=True, text=True)
    assert json.loads(again.stdout)[0]["drawn"] == 0
    assert again.stderr == "False\n"
    first = (rendered[0] / "two-requests.mp4").read_bytes()
    assert (tmp_path / "two-requests" / "two-requests.mp4").read_bytes() == first


def test_editing_one_caption_redraws_at_most_two_beats(story, tmp_path, pagereel, rendered):
    edited = tmp_path / "two-requests.yaml"
    edited.write_text(story.replace("A holds", "Now A holds"), "utf-8")
    words = ["--quality", "draft", "--json", "-o", tmp_path]
    done = pagereel("render", edited, *words)
    assert 1 <= json.loads(done.stdout)[0]["drawn"] <= 2


def test_rendering_again_into_the_same_folder_replaces_what_was_there(
    rendered, pagereel, board, tmp_path
):
    for speed in ("1", "2"):
        words = ["--quality", "draft", "--speed", speed, "-o", tmp_path]
        assert pagereel("render", board, *words).returncode == 0
    manifest = json.loads((tmp_path / "two-requests" / "manifest.json").read_text("utf-8"))
    assert manifest["settings"]["speed"] == 2
    assert manifest["seconds"] < json.loads((rendered[0] / "manifest.json").read_text())["seconds"]
    assert len(list((tmp_path / "two-requests").iterdir())) == 5
