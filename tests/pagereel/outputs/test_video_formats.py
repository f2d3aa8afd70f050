"""What a video file carries besides its pictures, read back with PyAV, in every format."""

import dataclasses
import shutil
import subprocess

import av
import numpy as np
import pytest
from PIL import Image

from pagereel.errors import InputWrong
from pagereel.outputs.join import join
from pagereel.render.encoding.encode import ClipEncoder
from pagereel.render.encoding.formats import FORMATS
from pagereel.render.encoding.gif import GifEncoder, choose_palette, inks_of, join_gifs
from pagereel.render.plan import Chapter, Cover, beat_range, edition
from pagereel.render.settings import Settings
from pagereel.render.speech.subtitles import Cue
from pagereel.scenes.shapes.clip import Clip
from pagereel.scenes.shapes.picture import Box, Picture, Rect, Rgba, Text

WIDTH, HEIGHT, RATE = 64, 36, 10
COVER = Cover(
    title="Keys & <values>",
    author="Ada",
    date="2026-05-04",
    about="What is kept.",
    chapters=(Chapter(0, 1, "One <b>"), Chapter(1, 2, "Two")),
    captions=(Cue(0, 1, ("a < b", "second line")), Cue(1, 2, ("c",))),
)


def image(colour, alpha=255):
    pixels = np.zeros((HEIGHT, WIDTH, 4), dtype=np.uint8)
    pixels[:] = (*colour, alpha)
    return pixels


@pytest.fixture
def video(tmp_path):
    """Makes a video of two clips of ten frames in a format."""

    def make(form, cover=COVER):
        paths = []
        for number, colour in enumerate([(250, 120, 10), (10, 120, 250)]):
            path = tmp_path / f"{number}.{form}"
            with ClipEncoder(path, WIDTH, HEIGHT, RATE, FORMATS[form]) as encoder:
                encoder.show(image(colour, 0 if form != "mp4" and number else 255), 4)
                encoder.show(image(colour), 6)
            paths.append(path)
        target = tmp_path / f"whole.{form}"
        join(paths, [10, 10], RATE, target, cover, FORMATS[form])
        return target

    return make


@pytest.mark.parametrize("form", ["mp4", "webm", "mov"])
def test_a_video_has_every_frame_its_chapters_and_its_name(video, form):
    with av.open(str(video(form))) as opened:
        pictures = opened.streams.video[0]
        assert sum(1 for _ in opened.decode(pictures)) == 20
        assert pictures.average_rate == RATE
        assert pictures.codec_context.colorspace == 1  # BT.709
        chapters = [
            (chapter["start"] * chapter["time_base"], chapter["metadata"]["title"])
            for chapter in opened.chapters()
        ]
        assert chapters == [(0, "One <b>"), (1, "Two")]
        tags = {name.lower(): value for name, value in opened.metadata.items()}
        assert tags["title"] == "Keys & <values>"
        assert (tags["artist"], tags["date"]) == ("Ada", "2026-05-04")


@pytest.mark.parametrize(("form", "first"), [("mp4", b"a < b\nsecond line"), ("webm", b"a &lt; b")])
def test_captions_lie_in_a_track_of_their_own(video, form, first):
    with av.open(str(video(form))) as opened:
        track = opened.streams.subtitles[0]
        texts = [bytes(packet) for packet in opened.demux(track) if bytes(packet).strip(b"\0")]
        assert first in texts[0]
        assert len(texts) == 2


@pytest.mark.parametrize("form", ["mp4", "webm", "mov"])
@pytest.mark.parametrize("show", [True, False])
def test_players_show_captions_unasked_only_where_the_pictures_do_not(video, form, show):
    path = video(form, dataclasses.replace(COVER, show_captions=show))
    with av.open(str(path)) as opened:
        track = opened.streams.subtitles[0]
        assert bool(track.disposition & av.stream.Disposition.default) is show
        assert sum(1 for _ in opened.decode(video=0)) == 20


def test_an_mp4_starts_to_play_before_it_is_loaded(video):
    data = video("mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("form", ["mp4", "webm"])
def test_the_same_clips_are_the_same_bytes(video, form):
    first = video(form).read_bytes()
    assert video(form).read_bytes() == first


def test_prores_keeps_what_is_clear_and_what_is_not(video):
    with av.open(str(video("mov"))) as opened:
        frames = [frame.to_ndarray(format="rgba") for frame in opened.decode(video=0)]
    assert frames[0][..., 3].min() == 255
    assert frames[12][..., 3].max() == 0
    assert abs(frames[3].astype(int) - image((250, 120, 10))).max() <= 4


def test_webm_keeps_what_is_clear_and_what_is_not(video):
    with av.open(str(video("webm"))) as opened:
        assert opened.streams.video[0].metadata["alpha_mode"] == "1"
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        decoder.extradata = opened.streams.video[0].codec_context.extradata
        frames = [f for packet in opened.demux(video=0) for f in decoder.decode(packet)]
    alphas = [frame.to_ndarray(format="rgba")[..., 3].mean() for frame in frames]
    assert len(alphas) == 20
    assert alphas[0] == 255
    assert alphas[12] == 0


def test_sound_is_as_long_as_the_pictures(video):
    samples = (np.sin(np.arange(96_000) / 20) * 8000).astype("<i2").tobytes()
    path = video("mp4", dataclasses.replace(COVER, sound=samples))
    with av.open(str(path)) as opened:
        sound = opened.streams.audio[0]
        assert sound.codec_context.name == "aac"
        heard = np.concatenate([frame.to_ndarray()[0] for frame in opened.decode(sound)])
    assert abs(len(heard) / 48_000 - 2) < 0.05
    assert 0.15 < np.abs(heard[9600:86400]).max() < 0.35


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
def test_ffprobe_finds_the_same_streams_and_tags(video):
    entries = "stream=codec_name,color_space,color_range,color_primaries:chapter_tags=title"
    command = ["ffprobe", "-v", "error", "-show_entries", entries, "-of", "compact"]
    shown = subprocess.run([*command, video("mp4")], capture_output=True, text=True, check=True)
    lines = shown.stdout.splitlines()
    assert "codec_name=h264|color_range=tv|color_space=bt709|color_primaries=bt709" in lines[0]
    assert any("codec_name=mov_text" in line for line in lines)
    assert "chapter|tag:title=One <b>" in lines


def gif(path, *shown):
    with GifEncoder(path, 20) as encoder:
        for pixels, count in shown:
            encoder.show(pixels, count)


def test_gif_clips_join_into_one_that_plays_at_the_same_pace(tmp_path):
    moved = image((9, 20, 30))
    moved[4:8, 4:8, :3] = 200, 10, 10
    gif(tmp_path / "a.gif", (image((9, 20, 30)), 5), (moved, 1), (moved, 9))
    gif(tmp_path / "b.gif", (image((77, 88, 99)), 20))
    join_gifs([tmp_path / "a.gif", tmp_path / "b.gif"], tmp_path / "c.gif")

    with Image.open(tmp_path / "c.gif") as opened:
        frames = []
        for index in range(opened.n_frames):
            opened.seek(index)
            frames.append((opened.info["duration"], opened.convert("RGB")))
        assert opened.info["loop"] == 0
    assert [duration for duration, _ in frames] == [250, 500, 1000]
    assert frames[1][1].getpixel((5, 5)) == (200, 10, 10)
    assert frames[1][1].getpixel((20, 20)) == (9, 20, 30)
    assert frames[2][1].getpixel((5, 5)) == (77, 88, 99)


def test_a_gif_palette_has_the_flat_colours_exactly_and_something_near_for_all():
    dice = np.random.default_rng(1)
    noise = dice.integers(0, 1 << 24, size=(50, 50), dtype=np.uint32)
    flat = np.full((50, 50), 0x0F1318, dtype=np.uint32)
    palette, nearest = choose_palette([flat, noise])
    assert len(palette) <= 255
    assert tuple(palette[nearest[0x0F1318]]) == (0x0F, 0x13, 0x18)
    away = palette[nearest[noise]].astype(int)[..., 0] - (noise >> 16).astype(int)
    assert np.abs(away).mean() < 40


def test_gifs_are_small_and_slow_whatever_the_quality():
    settings = Settings(quality="final", format="gif")
    assert (settings.height, settings.rate) == (450, 25)


@pytest.mark.parametrize(("text", "beats"), [("3-5", (3, 5)), ("4", (4, 4)), (" 2 – 3 ", (2, 3))])
def test_a_part_is_named_by_its_beats(text, beats):
    assert beat_range(text) == beats


@pytest.mark.parametrize("text", ["", "a", "3-", "-3", "3-5-7", "3..5", "3;rm"])
def test_a_part_that_is_none_is_refused(text):
    with pytest.raises(InputWrong, match="--beats"):
        beat_range(text)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((None, None, "", "soon", Settings()), "--date soon"),
        ((None, None, "", "", Settings(format="gif", captions="track")), "GIF has no track"),
        ((None, "flite", "", "", Settings(format="gif")), "GIF has no sound"),
        ((None, "siri", "", "", Settings()), "there are flite"),
        ((None, "recorded:nowhere", "", "", Settings()), "no recordings"),
        ((None, "piper:none.onnx", "", "", Settings()), "is missing"),
        ((None, "kokoro:nowhere", "", "", Settings()), "needs kokoro"),
        ((None, "flite:x", "", "", Settings()), "takes no path"),
    ],
)
def test_options_that_make_no_sense_are_refused_with_a_reason(options, said):
    with pytest.raises(InputWrong, match=said):
        edition(*options)


def test_a_warning_of_a_few_letters_keeps_its_colour_in_a_gif():
    crowd = np.random.default_rng(2).integers(0, 1 << 24, size=(300, 300), dtype=np.uint32)
    crowd[0, :9] = 0xFF9D7A
    crowd[1:9] = np.arange(2400, dtype=np.uint32).reshape(8, 300) + 0xFFD100
    palette, nearest = choose_palette([crowd], [0xFF9D7A])
    assert tuple(palette[nearest[0xFF9D7A]]) == (0xFF, 0x9D, 0x7A)


def test_the_inks_of_a_clip_are_those_of_its_shapes_and_of_their_edges():
    black, white, red = Rgba(0, 0, 0, 1), Rgba(1, 1, 1, 1), Rgba(1, 0, 0, 1)
    clear = Rgba(0, 0, 0, 0)
    shapes = (Text("t", 9, 9, "a", 22, white), Rect("r", Box(0, 0, 9, 9), red, clear))
    still = Picture(1920, 1080, black, shapes)
    found = inks_of(Clip(still, (), 10))
    assert found[:3] == (0x000000, 0xFFFFFF, 0xFF0000)
    assert found[3:] == (0x4C4C4C, 0x808080, 0xB2B2B2, 0xD9D9D9)


@pytest.mark.parametrize(
    ("aspect", "rows", "columns"), [("16:9", 1080, 1920), ("9:16", 1920, 1080), ("1:1", 1080, 1080)]
)
def test_a_quality_is_that_of_the_shorter_side(aspect, rows, columns):
    settings = Settings("slides", aspect)
    empty = Picture(settings.canvas.width, settings.canvas.height, Rgba(0, 0, 0, 1), ())
    assert (settings.height, empty.pixel_width(settings.height)) == (rows, columns)
