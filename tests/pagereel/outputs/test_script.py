"""A script says what to read, under which name to record it, and how long the picture has."""

import re
import wave

import pytest

from pagereel.model.play import play
from pagereel.outputs.script import script, write_script
from pagereel.read import read
from pagereel.render.plan import Edition, Source, plan
from pagereel.render.settings import Settings
from pagereel.render.speech.narration import LEAD, TAIL
from pagereel.render.speech.recordings import recorded

STORY = """\
title: A <b>story</b>
model: gpt2
parameters: {slots: 8, block_size: 4}
lanes: {paged: {kind: paged, title: Paged}}
requests: {A: {prompt: The quick, output: " brown fox"}}
beats:
- {title: Silence, say: ""}
- {title: One, say: "Only *one* sentence."}
- title: Several
  shots:
  - {say: "A first one, which is said before the second."}
  - say: "{paged.A.held} slots are held."
    do: [admit: A, step]
    question:
      ask: How many?
      options: {Four.: paged.A.held == 4, Two.: paged.A.held == 2}
"""


@pytest.fixture
def planned(tmp_path, monkeypatch):
    monkeypatch.setenv("PAGEREEL_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "story.yaml"
    path.write_text(STORY, "utf-8")
    return plan(Source(path, play(read(path))), Settings())


def test_every_sentence_stands_there_with_its_file_and_its_time(planned):
    told = script(planned)
    assert told.startswith("# A \\<b\\>story\\</b\\>\n")
    assert re.findall(r"## (.*)", told) == ["1. Silence", "2. One", "3. Several"]
    assert "## 1. Silence\n\nNothing is said.\n" in told
    found = re.findall(r"`(\S+)` · ([\d.]+) s\n\n> (.*)", told)
    assert [(name, said) for name, _, said in found] == [
        ("02.wav", "Only \\*one\\* sentence."),
        ("03-1.wav", "A first one, which is said before the second."),
        ("03-2-question.wav", "How many? Four. Two."),
        ("03-2.wav", "4 slots are held."),
    ]
    assert float(found[0][1]) == round(planned.clips[1].frames / 30 - LEAD - TAIL, 1)


def test_recordings_of_these_names_leave_nothing_unsaid(planned, tmp_path):
    folder = tmp_path / "takes"
    folder.mkdir()
    for name in re.findall(r"`(\S+\.wav)` ·", script(planned)):
        with wave.open(str(folder / name), "wb") as sound:
            sound.setparams((1, 2, 8_000, 0, "NONE", ""))
            sound.writeframes(b"\0\x40\0\xc0" * 4_000)
    spoken = plan(planned.source, Settings(), Edition(narrator=recorded(str(folder))))
    assert spoken.unspoken == ()
    assert sum(speech is not None for beat in spoken.speeches for speech in beat) == 4


def test_a_part_has_a_script_of_its_own(planned, tmp_path):
    part = plan(planned.source, Settings(), Edition(beats=(2, 2)))
    written = write_script(part, tmp_path / "out")
    assert written == tmp_path / "out" / "story" / "story-2.script.md"
    assert re.findall(r"## (.*)", written.read_text("utf-8")) == ["2. One"]
