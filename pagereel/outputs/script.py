"""A script to read a film's sentences from, and to name their recordings by."""

from __future__ import annotations

import re
from pathlib import Path

from pagereel.model.storyboard.timeline import PlayedBeat
from pagereel.render.plan import Plan, failures
from pagereel.render.speech.narration import LEAD, pause
from pagereel.render.speech.recordings import recording_name
from pagereel.scenes.shapes.clip import Clip
from pagereel.scenes.shapes.typeface import visible
from pagereel.storage.outgoing import publishing


def write_script(planned: Plan, folder: Path) -> Path:
    """Write `NAME.script.md` beside the video. Raises `MachineFailed`."""
    target = folder / planned.source.storyboard.name
    with publishing(target, planned.source.inputs) as workshop, failures(target):
        file = workshop / f"{planned.name}.script.md"
        file.write_text(script(planned), encoding="utf-8")
    return target / file.name


def script(planned: Plan) -> str:
    """All that is said in a film, as Markdown, with how long its pictures have for it."""
    parts = [f"# {_plain(planned.source.storyboard.title)}\n\n{_HOW}"]
    beats = zip(planned.beats, planned.clips, strict=True)
    for number, (played, clip) in enumerate(beats, planned.first):
        parts.append(f"## {number}. {_plain(played.beat.title)}")
        parts += _sentences(number, played, clip) or ["Nothing is said."]
    return "\n\n".join(parts) + "\n"


_HOW = """\
Record each sentence as a WAV file of that name, all in one folder, and render with
`--voice recorded:FOLDER`. The time is what the picture has for it as it is: whoever needs longer
takes longer, and the picture waits. Shots that follow each other without a question may be one
recording, named by the beat alone."""


def _sentences(number: int, played: PlayedBeat, clip: Clip) -> list[str]:
    said = played.said
    starts = clip.starts(len(said))
    found = []
    for place, (words, *span) in enumerate(
        zip(said, starts, (*starts[1:], clip.frames), strict=True)
    ):
        if words.words.strip():
            room = (span[1] - span[0]) / clip.rate - LEAD - pause(said, place)
            name = recording_name(number, said, place)
            found.append(f"`{name}` · {max(room, 0):.1f} s\n\n> {_plain(words.words)}")
    return found


def _plain(text: str) -> str:
    """Text in which nothing is taken for markup."""
    return re.sub(r"([\\`*_\[\]<>&#|~])", r"\\\1", " ".join(visible(text).split()))
