"""Recordings of a person who speaks: which file says what, and which files belong nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pagereel.errors import InputWrong
from pagereel.model.storyboard.timeline import Utterance
from pagereel.render.speech.speech import Speech, Take, fingerprint
from pagereel.storage.incoming import Unreadable, bytes_of

MOST_SOUND = 2**27
"""Bytes of a recording: minutes of the best sound."""
OTHERS = {".aac", ".aif", ".aiff", ".flac", ".m4a", ".mp3", ".oga", ".ogg", ".opus", ".wma"}
"""Sound files that are no WAV."""
_NAME = re.compile(r"0*(\d{1,4})(?:-0*(\d{1,3}))?(-question)?(?:[ _.].*)?", re.IGNORECASE)


def recording_name(beat: int, said: Sequence[Utterance], place: int) -> str:
    """What the recording of one of a beat's utterances is called; beats count from 1.

    `03.wav`; in a beat of several shots `03-2.wav`; of a question `03-question.wav`.
    """
    shot = f"-{said[place].shot + 1}" if said[-1].shot else ""
    return f"{beat:02}{shot}{'-question' * said[place].asks}.wav"


def unspoken(
    beat: int, said: Sequence[Utterance], speeches: Sequence[Speech | None]
) -> Iterator[str]:
    """The names of the recordings that a beat lacks."""
    covered: set[int] = set()
    for place, speech in enumerate(speeches):
        covered.update(range(place, place + (speech.utterances if speech else 0)))
    for place, words in enumerate(said):
        if words.words.strip() and place not in covered:
            yield recording_name(beat, said, place)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A folder of recordings, one a beat or one a shot; what has none is silent."""

    folder: Path
    digests: tuple[tuple[Path, str], ...]
    """Of each recording, as it is now."""

    def takes(self, told: Sequence[Sequence[Utterance]]) -> tuple[tuple[Take | None, ...], ...]:
        """See `Narrator`."""
        found: list[list[Take | None]] = [[None] * len(said) for said in told]
        owner: dict[tuple[int, int], Path] = {}
        wrong: list[str] = []
        for path, digest in self.digests:
            try:
                beat, place, count = _place(path, told)
            except ValueError as problem:
                wrong.append(f"{path}: {problem}")
                continue
            places = [(beat, place + offset) for offset in range(count)]
            twice = next((owner[at] for at in places if at in owner), None)
            if twice:
                wrong.append(f"{path}: {twice.name} says the same; keep one of them")
                continue
            owner |= dict.fromkeys(places, path)
            found[beat][place] = Take(digest, str(path), partial(_copy, path), count)
        if wrong:
            raise InputWrong("\n".join(wrong))
        return tuple(map(tuple, found))


def recorded(where: str) -> Recorded:
    """The voice of `--voice recorded:DIR`. Raises `InputWrong`."""
    folder = Path(where)
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    paths = [path for path in paths if not path.name.startswith(".")]
    other = next((path for path in paths if path.suffix.lower() in OTHERS), None)
    if other:
        raise InputWrong(f"{other}: this is no WAV sound; record it as one")
    found = [path for path in paths if path.suffix.lower() == ".wav"]
    if not found:
        names = "01.wav, or 03-2.wav for beat 3, shot 2"
        raise InputWrong(f"--voice recorded:{where}: no recordings there ({names})")
    return Recorded(folder, tuple((path, fingerprint(path)) for path in found))


def _place(path: Path, told: Sequence[Sequence[Utterance]]) -> tuple[int, int, int]:
    """Beat and utterance, from 0, that a recording starts with, and how many it says.

    Raises ValueError, saying why it belongs nowhere.
    """
    match = _NAME.fullmatch(path.stem)
    if match is None:
        raise ValueError("call it 03.wav for beat 3, 03-2.wav for its shot 2")
    beat, shot, asks = int(match[1]), int(match[2] or 0), bool(match[3])
    if not 1 <= beat <= len(told):
        raise ValueError(f"there is no beat {beat}, only 1 to {len(told)}")
    said = told[beat - 1]
    shots = said[-1].shot + 1
    if match[2] and not 1 <= shot <= shots:
        has = "one shot" if shots == 1 else f"shots 1 to {shots}"
        raise ValueError(f"there is no shot {shot} in beat {beat}, which has {has}")
    places = [
        place
        for place, words in enumerate(said)
        if words.asks == asks and (not shot or words.shot == shot - 1)
    ]
    if not places:
        raise ValueError(f"beat {beat} asks nothing there")
    if asks and len(places) > 1:
        raise ValueError(f"beat {beat} asks more than once; name the shot too")
    if shot or asks:
        return beat - 1, places[0], 1
    if any(words.asks for words in said[places[0] :]):
        name = recording_name(beat, said, places[0])
        raise ValueError(f"beat {beat} asks on the way; record its shots apart, as {name}")
    return beat - 1, places[0], len(said) - places[0]


def _copy(recording: Path, target: Path) -> None:
    try:
        data = bytes_of(recording, MOST_SOUND)
    except Unreadable as problem:
        raise InputWrong(problem.of(recording)) from None
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise InputWrong(f"{recording}: this is no WAV sound; record it as one")
    target.write_bytes(data)
