"""Captions are spoken: beats wait for their speech, all speech is equally loud, nothing is lost."""

import os
import shutil
import sys
import tempfile
import wave
from dataclasses import replace
from types import SimpleNamespace

import av
import numpy as np
import pytest

from pagereel.errors import InputWrong, MachineFailed
from pagereel.model.storyboard.timeline import Utterance
from pagereel.render.speech.loudness import (
    MARGIN,
    PEAK,
    TARGET,
    WHOLE_PEAK,
    even,
    loudness,
    mastered,
    resampled,
    true_peak,
)
from pagereel.render.speech.narration import (
    LEAD,
    TAIL,
    narrate,
    soundtrack,
    waiting,
)
from pagereel.render.speech.speech import RATE, Speech
from pagereel.render.speech.voices import Recorded, spoken, voice_named
from pagereel.scenes.shapes.clip import Clip, Leg, apart, at_rest, held
from pagereel.scenes.shapes.picture import Picture, Rgba
from pagereel.storage.cache import Cache

BLANK = Picture(1920, 1080, Rgba(0, 0, 0, 1), ())


def still(frames, rate=10):
    return Clip(BLANK, (Leg(BLANK, 0, frames - 1),), rate)


def tone(seconds, level, rate=RATE, hertz=997):
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def write(path, samples, rate=RATE):
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((samples * 32767).astype("<i2").tobytes())


class Beeper:
    """Says every text as a tone, and counts how often it was asked."""

    identity = "beeper"
    reads = True

    def __init__(self):
        self.asked = []

    def speak(self, text, beat, path):
        self.asked.append((beat, text))
        write(path, tone(len(text) / 10, 0.2))
        return True


def test_a_full_scale_tone_has_the_loudness_that_the_standard_says():
    assert loudness(tone(5, 1.0)) == pytest.approx(-3.01, abs=0.05)
    assert loudness(tone(5, 0.1)) == pytest.approx(-23.01, abs=0.05)


def test_a_peak_between_samples_is_found():
    samples = 0.5 * np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4) * np.hanning(RATE)
    assert 20 * np.log10(np.abs(samples).max()) == pytest.approx(-9.03, abs=0.01)
    assert true_peak(samples) == pytest.approx(-6.02, abs=0.2)


def test_pauses_do_not_count_as_quiet_speech():
    speech = np.concatenate([tone(2, 0.1), np.zeros(4 * RATE), tone(2, 0.1)])
    assert loudness(speech) == pytest.approx(-23.01, abs=0.5)


def babble(seconds, level, pitch=1):
    """Syllables of a buzzing voice with sharp onsets: as peaky as speech is, and never silent."""
    at = np.arange(round(seconds * RATE)) / RATE
    buzz = sum(np.cos(2 * np.pi * (110 + 10 * pitch) * k * at + k * k) / k for k in range(1, 20))
    voice = np.exp(-((at * 4.3 % 1) * 3)) * buzz
    return level * voice / np.abs(voice).max()


def numbers(sound):
    return np.frombuffer(sound, dtype="<i2") / 32767


@pytest.mark.parametrize("level", [0.02, 0.3, 0.9])
def test_a_film_is_as_loud_as_players_expect_however_it_was_recorded(level):
    """-16 LUFS over the whole film, its pauses included, and no true peak over -1.5 dBTP."""
    said = [Speech(even(babble(s, level, pitch=s))) for s in (3, 1, 5)]
    track = soundtrack([[one] for one in said], [still(20 * s) for s in (3, 1, 5)])
    film = numbers(mastered(track))
    assert len(film) == len(track) // 2
    assert loudness(film) == pytest.approx(TARGET, abs=0.1)
    assert true_peak(film) <= WHOLE_PEAK + 0.05


def test_the_encoder_keeps_the_loudness_and_adds_no_peak_over_minus_one():
    track = mastered(soundtrack([[Speech(even(babble(4, 0.5)))]], [still(60)]))
    with tempfile.TemporaryFile() as file:
        with av.open(file, "w", format="mp4") as out:
            stream = out.add_stream("aac", rate=RATE, layout="mono")
            stream.bit_rate = 96_000
            frame = av.AudioFrame.from_ndarray(
                np.frombuffer(track, dtype="<i2")[None], format="s16", layout="mono"
            )
            frame.sample_rate = RATE
            out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        file.seek(0)
        with av.open(file) as film:
            heard = np.concatenate([part.to_ndarray()[0] for part in film.decode(audio=0)])
    assert loudness(heard) == pytest.approx(TARGET, abs=0.3)
    assert true_peak(heard) < -1


def test_every_speech_of_a_film_is_as_loud_as_the_others():
    quiet, loud = (numbers(even(babble(4, level))) for level in (0.05, 0.8))
    assert loudness(quiet) == pytest.approx(loudness(loud), abs=0.1)


def test_no_speech_is_made_so_loud_that_it_breaks():
    clicks = np.zeros(3 * RATE)
    clicks[:: RATE // 10] = 0.05
    made = numbers(even(clicks))
    assert true_peak(made) <= PEAK + 0.1
    assert loudness(made) < TARGET


def test_soft_ends_of_words_are_kept_and_silence_around_them_is_not():
    hiss = np.concatenate([np.zeros(RATE), tone(1, 0.5), tone(0.3, 0.02), np.zeros(RATE)])
    assert len(even(hiss)) / 2 / RATE == pytest.approx(1.3 + 2 * MARGIN / RATE, abs=0.01)


def test_silence_stays_silence():
    assert even(np.zeros(RATE)) == b""
    assert mastered(bytes(2 * RATE)) == bytes(2 * RATE)


def test_a_recording_of_any_rate_is_read(tmp_path):
    write(tmp_path / "01.wav", tone(1, 0.5, 22_050), 22_050)
    assert len(resampled(tmp_path / "01.wav")) == pytest.approx(RATE, abs=200)


def test_a_file_that_is_no_sound_is_named(tmp_path):
    (tmp_path / "01.wav").write_text("not a sound", encoding="utf-8")
    with pytest.raises(MachineFailed, match=r"01\.wav"):
        resampled(tmp_path / "01.wav")


def test_a_text_is_spoken_once_and_kept(tmp_path):
    voice, cache = Beeper(), Cache(tmp_path)
    said = [Utterance(0, "hello world"), Utterance(1, ""), Utterance(2, "again")]
    first, second = narrate(voice, said, 3, cache), narrate(voice, said, 3, cache)
    assert voice.asked == [(3, "hello world"), (3, "again")]
    assert first == second
    assert first[1] is None
    assert first[0].seconds == pytest.approx(1.1, abs=0.05)
    assert len(list(tmp_path.glob("*.wav"))) == 2


def test_a_beat_waits_for_its_speech_and_is_never_shortened():
    clip = still(20)
    assert held(clip, 0, 3.14).frames == 32
    assert held(clip, 0, 1.0) == clip


def test_each_speech_starts_with_its_beat_and_the_track_is_as_long_as_the_video():
    loud = np.full(RATE, 8000, dtype="<i2").tobytes()
    track = np.frombuffer(soundtrack([[None], [Speech(loud)]], [still(20), still(20)]), dtype="<i2")
    assert len(track) == 4 * RATE
    assert np.flatnonzero(track)[0] == round((2 + LEAD) * RATE)
    assert soundtrack([[None], [None]], [still(20), still(20)]) == b""


def asking(frames=20, rate=10):
    """A clip that shows a question for 15 frames, and then its answer."""
    answer = replace(BLANK, said=1)
    return Clip(BLANK, (Leg(BLANK, 0, 14), Leg(answer, 2, frames - 17)), rate)


def test_an_answer_is_not_said_before_it_is_seen():
    asked, said = Speech(b"\1\1" * RATE), Speech(b"\2\2" * RATE)
    clip = asking()
    assert clip.starts(2) == (0, 15)
    track = soundtrack([[asked, said]], [waiting(clip, [asked, said])])
    at = np.frombuffer(track, dtype="<i2")
    assert np.flatnonzero(at)[0] == round(LEAD * RATE)
    assert np.flatnonzero(at == 0x0202)[0] >= round((1.5 + LEAD) * RATE)


def test_each_utterance_waits_for_its_own_speech():
    long, short = Speech(b"\1\1" * 4 * RATE), Speech(b"\2\2" * RATE)
    clip = waiting(asking(), [long, short])
    first, second = clip.starts(2)
    assert second - first >= (LEAD + 4 + TAIL) * clip.rate
    assert clip.frames - second >= (LEAD + 1 + TAIL) * clip.rate
    assert waiting(asking(), [None, None]) == asking()


def test_one_recording_of_a_beat_runs_through_all_of_its_shots():
    whole = Speech(b"\1\1" * 6 * RATE)
    clip = waiting(asking(), [whole, None])
    assert clip.frames >= (LEAD + 6 + TAIL) * clip.rate
    assert clip.starts(2) == asking().starts(2)


def test_a_beat_is_taken_apart_for_slides():
    asks, answers = apart(asking())
    assert asks.frames == 15 and at_rest(asks).frames == 2
    assert answers.opening == asks.end and answers.end.said == 1


def test_recordings_belong_to_the_beats_that_their_names_start_with(tmp_path):
    write(tmp_path / "02 second.wav", tone(1, 0.5))
    voice = voice_named(f"recorded:{tmp_path}")
    assert isinstance(voice, Recorded)
    cache = Cache(tmp_path / "cache")
    found = [
        narrate(voice, [Utterance(0, said)], n, cache)[0] for n, said in ((1, "one"), (2, "two"))
    ]
    assert found[0] is None
    assert found[1].seconds == pytest.approx(1, abs=0.05)


def test_a_recording_that_changes_is_heard(tmp_path):
    write(tmp_path / "1.wav", tone(1, 0.5))
    before = voice_named(f"recorded:{tmp_path}").identity
    write(tmp_path / "1.wav", tone(2, 0.5))
    assert voice_named(f"recorded:{tmp_path}").identity != before


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "a FIFO, not a file"),
        (lambda path: path.write_bytes(b"ID3\x04not a wav"), "no WAV sound"),
        (lambda path: path.write_bytes(b"#EXTM3U\n/etc/passwd\n"), "no WAV sound"),
        (lambda path: path.open("wb").truncate(2**27 + 1), "larger than 128 MiB"),
        (lambda path: write(path, np.zeros(181 * 8000), 8000), "takes more than 180 seconds"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_name(tmp_path, make, said):
    make(tmp_path / "01.wav")
    with pytest.raises(InputWrong, match=said):
        narrate(
            voice_named(f"recorded:{tmp_path}"), [Utterance(0, "one")], 1, Cache(tmp_path / "cache")
        )


def test_what_is_written_for_the_eye_is_put_into_words():
    assert spoken("K/V of 2 × 3 MiB\x1b") == "keys and values of 2  times  3 mebibytes "


@pytest.mark.parametrize("name", ["flite", "espeak-ng"])
def test_a_program_speaks_any_text_and_takes_none_of_it_for_an_option(name, tmp_path):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    (speech,) = narrate(
        voice_named(name), [Utterance(0, "-o $(touch x) `y` 'quick' fox")], 1, Cache(tmp_path)
    )
    assert speech.seconds > 0.8
    assert len(list(tmp_path.glob("*.wav"))) == 1


def test_a_piper_model_speaks_through_its_package(tmp_path, monkeypatch):
    class Voice:
        @staticmethod
        def load(model):
            assert model.endswith("en.onnx")
            return Voice()

        def synthesize_wav(self, text, out):
            assert text == "keys and values"
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(22_050)
            out.writeframes((tone(1, 0.4, 22_050) * 32767).astype("<i2").tobytes())

    monkeypatch.setitem(sys.modules, "piper", SimpleNamespace(PiperVoice=Voice))
    for name in ("en.onnx", "en.onnx.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    voice = voice_named(f"piper:{tmp_path / 'en.onnx'}")
    (speech,) = narrate(voice, [Utterance(0, "K/V")], 1, Cache(tmp_path / "cache"))
    assert speech.seconds == pytest.approx(1, abs=0.05)


def test_a_kokoro_folder_speaks_through_its_package(tmp_path, monkeypatch):
    class Kokoro:
        def __init__(self, model, styles):
            assert model.endswith("kokoro-v1.onnx") and styles.endswith("voices-v1.bin")

        def create(self, text, voice, speed, lang):
            return tone(1, 0.4, 24_000).astype("float32"), 24_000

    monkeypatch.setitem(sys.modules, "kokoro_onnx", SimpleNamespace(Kokoro=Kokoro))
    for name in ("kokoro-v1.onnx", "voices-v1.bin"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    (speech,) = narrate(
        voice_named(f"kokoro:{tmp_path}"), [Utterance(0, "hi")], 1, Cache(tmp_path / "cache")
    )
    assert speech.seconds == pytest.approx(1, abs=0.05)


def test_a_voice_whose_package_is_missing_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "piper", None)
    for name in ("en.onnx", "en.onnx.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    voice = voice_named(f"piper:{tmp_path / 'en.onnx'}")
    with pytest.raises(InputWrong, match=r"pagereel\[voice\]"):
        narrate(voice, [Utterance(0, "hi")], 1, Cache(tmp_path / "cache"))
