"""Captions are spoken: beats wait for their speech, all speech is equally loud, nothing is lost."""

import math
import os
import re
import shutil
import sys
import wave
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from pagereel.errors import InputWrong
from pagereel.model.storyboard.timeline import Utterance
from pagereel.outputs.join import _sound
from pagereel.read import read_timeline
from pagereel.render.encoding.formats import FORMATS
from pagereel.render.plan import Edition, Source, plan
from pagereel.render.settings import Settings
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
    BREATH,
    LEAD,
    TAIL,
    narrate,
    pause,
    soundtrack,
    waiting,
)
from pagereel.render.speech.recordings import Recorded, unspoken
from pagereel.render.speech.speech import RATE, Speech, Take
from pagereel.render.speech.voices import spoken, voice_named
from pagereel.scenes.clips import THINKING
from pagereel.scenes.shapes.clip import Clip, Leg, apart, at_rest, held
from pagereel.scenes.shapes.picture import Picture, Rgba
from pagereel.storage.cache import Cache

from places import ROOT

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

    def __init__(self):
        self.asked = []

    def takes(self, told):
        return tuple(tuple(self.take(words.words) for words in said) for said in told)

    def take(self, text):
        return Take(text, text, lambda path: self.speak(text, path)) if text else None

    def speak(self, text, path):
        self.asked.append(text)
        write(path, tone(len(text) / 10, 0.2))


def sounds(voice, told, cache):
    """All that a voice says in the beats of a storyboard."""
    return [narrate(takes, cache) for takes in voice.takes(told)]


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


def test_the_encoder_keeps_the_loudness_and_adds_no_peak_over_minus_one(tmp_path):
    track = mastered(soundtrack([[Speech(even(babble(4, 0.5)))]], [still(60)]))
    with av.open(str(tmp_path / "film.mp4"), "w") as out:
        for packet in _sound(track, FORMATS["mp4"], out):
            out.mux(packet)
    with av.open(str(tmp_path / "film.mp4")) as film:
        heard = np.concatenate([part.to_ndarray()[0] for part in film.decode(audio=0)])
    assert loudness(heard) == pytest.approx(TARGET, abs=0.1)
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
    assert len(resampled(tmp_path / "01.wav", "01.wav")) == pytest.approx(RATE, abs=200)


def test_a_file_that_is_no_sound_is_named(tmp_path):
    (tmp_path / "01.wav").write_text("not a sound", encoding="utf-8")
    with pytest.raises(InputWrong, match=r"01\.wav: this is no sound"):
        resampled(tmp_path / "01.wav", "01.wav")


def test_a_text_is_spoken_once_and_kept(tmp_path):
    voice, cache = Beeper(), Cache(tmp_path)
    said = [Utterance(0, "hello world"), Utterance(1, ""), Utterance(2, "again")]
    (first,), (second,) = sounds(voice, [said], cache), sounds(voice, [said], cache)
    assert voice.asked == ["hello world", "again"]
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


ASKED = (Utterance(0, "Which of the two?", asks=True), Utterance(0, "The second."))
TOLD = (Utterance(0, "Ten letters"), Utterance(1, "Thirty letters in this sentence."))


def test_an_answer_is_not_said_before_it_is_seen():
    asked, said = Speech(b"\1\1" * RATE), Speech(b"\2\2" * RATE)
    clip = asking()
    assert clip.starts(2) == (0, 15)
    track = soundtrack([[asked, said]], [waiting(clip, ASKED, [asked, said])])
    at = np.frombuffer(track, dtype="<i2")
    assert np.flatnonzero(at)[0] == round(LEAD * RATE)
    assert np.flatnonzero(at == 0x0202)[0] >= round((1.5 + LEAD) * RATE)


def test_a_shot_ends_after_its_voice_and_a_breath_and_a_beat_after_a_longer_one():
    long, short = Speech(b"\1\1" * 4 * RATE), Speech(b"\2\2" * RATE)
    clip = waiting(asking(), TOLD, [long, short])
    first, second = clip.starts(2)
    assert second - first == round((LEAD + 4 + BREATH) * clip.rate)
    assert clip.frames - second == round((LEAD + 1 + TAIL) * clip.rate)
    assert waiting(asking(), TOLD, [None, None]) == asking()


def test_a_question_that_was_heard_leaves_time_to_think():
    clip = waiting(asking(), ASKED, [Speech(b"\1\1" * 4 * RATE), None])
    assert clip.starts(2)[1] == round((LEAD + 4 + THINKING) * clip.rate)


def test_the_shots_of_one_recording_follow_each_other_as_their_sentences_do():
    whole = Speech(b"\1\1" * 8 * RATE, utterances=2)
    clip = waiting(asking(), TOLD, [whole, None])
    assert clip.frames >= (LEAD + 8 + TAIL) * clip.rate
    share = len(TOLD[0].words) / sum(len(said.words) for said in TOLD)
    assert clip.starts(2)[1] == math.ceil((LEAD + 8 * share) * clip.rate)


def test_a_beat_is_taken_apart_for_slides():
    asks, answers = apart(asking())
    assert asks.frames == 15 and at_rest(asks).frames == 2
    assert answers.opening == asks.end and answers.end.said == 1


STORY = (
    (Utterance(0, "One shot."),),
    (Utterance(0, "A first."), Utterance(1, "Which?", asks=True), Utterance(1, "A second.")),
    (Utterance(0, "Two of them?", asks=True), Utterance(0, "Two."), Utterance(1, "Not three.")),
)


def folder_of(tmp_path, *names):
    folder = tmp_path / "takes"
    folder.mkdir()
    for name in names:
        write(folder / name, tone(1, 0.5))
    return folder


def test_recordings_say_what_their_names_say(tmp_path):
    names = ("1 take 5.wav", "02-1.wav", "02-2-question.wav", "02-2.wav", "03.WAV")
    voice = voice_named(f"recorded:{folder_of(tmp_path, *names)}")
    assert isinstance(voice, Recorded)
    first, second, third = voice.takes(STORY)
    said = [take and (Path(take.name).name, take.utterances) for take in (*first, *second, *third)]
    assert said == [*((name, 1) for name in names[:4]), None, ("03.WAV", 2), None]


def test_what_was_not_recorded_is_silent_and_named(tmp_path):
    voice = voice_named(f"recorded:{folder_of(tmp_path, '02-2.wav', '03.wav')}")
    found = sounds(voice, STORY, Cache(tmp_path / "cache"))
    assert [[bool(speech) for speech in beat] for beat in found] == [
        [False], [False, False, True], [False, True, False],
    ]  # fmt: skip
    assert found[1][2].seconds == pytest.approx(1, abs=0.05)
    told = enumerate(zip(STORY, found, strict=True), 1)
    lacking = [[*unspoken(n, said, own)] for n, (said, own) in told]
    assert lacking == [["01.wav"], ["02-1.wav", "02-2-question.wav"], ["03-1-question.wav"]]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["4.wav"], "4.wav: there is no beat 4, only 1 to 3"),
        (["02-3.wav"], "02-3.wav: there is no shot 3 in beat 2, which has shots 1 to 2"),
        (["01-2.wav"], "beat 1, which has one shot"),
        (["01-question.wav"], "beat 1 asks nothing there"),
        (["02.wav"], "beat 2 asks on the way; record its shots apart, as 02-1.wav"),
        (["03.wav", "03-2.wav"], "03.wav: 03-2.wav says the same"),
        (["01.wav", "01 again.wav"], "01.wav: 01 again.wav says the same"),
        (["intro.wav"], "intro.wav: call it 03.wav for beat 3"),
        (["02-2b.wav"], "02-2b.wav: call it"),
        (["01.wav", "02.mp3"], "02.mp3: this is no WAV sound"),
    ],
)
def test_a_recording_that_belongs_nowhere_is_named(tmp_path, names, said):
    with pytest.raises(InputWrong, match=re.escape(said)):
        voice_named(f"recorded:{folder_of(tmp_path, *names)}").takes(STORY)


def test_all_recordings_that_belong_nowhere_are_named_at_once(tmp_path):
    voice = voice_named(f"recorded:{folder_of(tmp_path, '7.wav', '8.wav', '01.wav')}")
    with pytest.raises(InputWrong, match=r"7\.wav.*\n.*8\.wav"):
        voice.takes(STORY)


def test_a_recording_that_changes_is_heard_and_the_others_are_kept(tmp_path):
    folder = folder_of(tmp_path, "01.wav", "03.wav")
    before = voice_named(f"recorded:{folder}").takes(STORY)
    write(folder / "01.wav", tone(2, 0.5))
    after = voice_named(f"recorded:{folder}").takes(STORY)
    assert before[0][0].identity != after[0][0].identity
    assert before[2][1].identity == after[2][1].identity


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "a FIFO, not a file"),
        (lambda path: path.write_bytes(b"ID3\x04not a wav"), "no WAV sound"),
        (lambda path: path.write_bytes(b"#EXTM3U\n/etc/passwd\n"), "no WAV sound"),
        (lambda path: path.write_bytes(b"RIFF\0\0\0\0WAVEjunk"), "no sound that can be read"),
        (lambda path: path.open("wb").truncate(2**27 + 1), "larger than 128 MiB"),
        (lambda path: write(path, np.zeros(181 * 8000), 8000), "takes more than 180 seconds"),
        (lambda path: write(path, np.zeros(RATE)), "nothing can be heard"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_name(tmp_path, make, said):
    make(tmp_path / "01.wav")
    with pytest.raises(InputWrong, match=rf"01\.wav.*{said}"):
        sounds(voice_named(f"recorded:{tmp_path}"), STORY, Cache(tmp_path / "cache"))


def test_what_is_written_for_the_eye_is_put_into_words():
    assert spoken("K/V of 2 × 3 MiB\x1b") == "keys and values of 2  times  3 mebibytes "


@pytest.mark.parametrize("name", ["flite", "espeak-ng"])
def test_a_program_speaks_any_text_and_takes_none_of_it_for_an_option(name, tmp_path):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    told = [[Utterance(0, "-o $(touch x) `y` 'quick' fox"), Utterance(1, "...")]]
    ((speech, nothing),) = sounds(voice_named(name), told, Cache(tmp_path))
    assert nothing is None
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
    ((speech,),) = sounds(voice, [[Utterance(0, "K/V")]], Cache(tmp_path / "cache"))
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
    voice = voice_named(f"kokoro:{tmp_path}")
    ((speech,),) = sounds(voice, [[Utterance(0, "hi")]], Cache(tmp_path / "cache"))
    assert speech.seconds == pytest.approx(1, abs=0.05)


def test_a_voice_whose_package_is_missing_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "piper", None)
    for name in ("en.onnx", "en.onnx.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    voice = voice_named(f"piper:{tmp_path / 'en.onnx'}")
    with pytest.raises(InputWrong, match=r"pagereel\[voice\]"):
        sounds(voice, [[Utterance(0, "hi")]], Cache(tmp_path / "cache"))


def test_in_a_film_no_voice_meets_the_next_and_no_shot_ends_before_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PAGEREEL_CACHE", str(tmp_path))
    path = ROOT / "storyboards" / "01-the-quick-brown-fox.yaml"
    planned = plan(Source(path, read_timeline(path)), Settings(), Edition(narrator=Beeper()))
    assert max(len(beat.shots) for beat in planned.beats) > 1
    for played, clip, speeches in zip(planned.beats, planned.clips, planned.speeches, strict=True):
        starts = clip.starts(len(played.said))
        ends = (*starts[1:], clip.frames)
        for place, speech in enumerate(speeches):
            if speech:
                over = starts[place] / clip.rate + LEAD + speech.seconds
                assert over + pause(played.said, place) <= ends[place] / clip.rate + 1e-9
    spoken_for = sum(speech.seconds for beat in planned.speeches for speech in beat if speech)
    track = np.frombuffer(soundtrack(planned.speeches, planned.clips), dtype="<i2")
    assert len(track) / RATE == pytest.approx(planned.frames / planned.settings.rate, abs=1e-3)
    assert spoken_for * RATE * 0.9 < np.count_nonzero(track) < spoken_for * RATE
