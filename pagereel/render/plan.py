"""A video before it is drawn: its clips, what is said when, and which clips are there already."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from pagereel.errors import InputWrong, MachineFailed, explain
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.model.storyboard.timeline import PlayedBeat, Timeline
from pagereel.packaged import seen_from
from pagereel.read import StoryboardProblems, files_named
from pagereel.render.duration import LENGTHS, fitted
from pagereel.render.fonts import typefaces
from pagereel.render.settings import Settings
from pagereel.render.speech.narration import heard, narrate, waiting
from pagereel.render.speech.recordings import unspoken
from pagereel.render.speech.speech import Narrator, Speech, Take
from pagereel.render.speech.subtitles import Cue, cues
from pagereel.render.speech.voices import voice_named
from pagereel.render.workers import ClipJob, Progress, StillJob, draw
from pagereel.scenes.clips import clips
from pagereel.scenes.pictures.header import CAPTION
from pagereel.scenes.shapes.clip import Clip
from pagereel.scenes.shapes.picture import Picture
from pagereel.scenes.shapes.typeface import visible
from pagereel.storage.cache import Cache, cache_folder, clip_key, content, still_key


@dataclass(frozen=True, slots=True)
class Chapter:
    """A beat as players list it; times in seconds."""

    start: float
    end: float
    title: str


@dataclass(frozen=True, slots=True)
class Cover:
    """Title, names, chapters, captions and sound."""

    title: str
    author: str = ""
    date: str = ""
    about: str = ""
    chapters: tuple[Chapter, ...] = ()
    captions: tuple[Cue, ...] = ()
    show_captions: bool = True
    """Whether players show the captions unasked; not where the pictures show them already."""
    sound: bytes = b""
    """16-bit mono samples; empty: there is no sound."""


@dataclass(frozen=True, slots=True)
class Source:
    """A storyboard, played, and where it came from."""

    path: Path
    timeline: Timeline
    overrides: tuple[str, ...] = ()

    @property
    def storyboard(self) -> Storyboard:
        """What was played."""
        return self.timeline.storyboard

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The storyboard's file, and the files and folders that it names."""
        named: tuple[str, ...] = ()
        with suppress(StoryboardProblems):  # changed since it was read
            named = files_named(self.path, self.overrides)
        return (self.path, *(seen_from(self.path, name) for name in named))


@dataclass(frozen=True, slots=True)
class Edition:
    """Which beats, whose voice, and whose name on it."""

    beats: tuple[int, int] | None = None
    """First and last, counted from 1; None: all."""
    author: str = ""
    date: str = ""
    """Empty: the files tell none. A file's own date is when it was copied or checked out."""
    narrator: Narrator | None = None
    seconds: float | None = None
    """How long it shall last; None: as long as it takes."""


def edition(
    beats: str | None,
    voice: str | None,
    author: str,
    date: str,
    settings: Settings,
    duration: float | None = None,
) -> Edition:
    """One edition from what was asked for. Raises `InputWrong` for what makes no sense."""
    if settings.format == "gif" and settings.captions == "track":
        raise InputWrong("a GIF has no track for captions; --captions burn draws them")
    if settings.format == "gif" and voice:
        raise InputWrong("a GIF has no sound; leave --voice out")
    if duration is not None and settings.speed != 1:
        raise InputWrong("--duration finds the speed of motions itself; leave --speed out")
    if duration is not None and not LENGTHS[0] <= duration <= LENGTHS[1]:
        raise InputWrong(f"--duration {duration:g}: give {LENGTHS[0]:g} to {LENGTHS[1]:g} seconds")
    narrator = voice_named(voice) if voice else None
    return Edition(beat_range(beats), author, _day(date), narrator, duration)


def _day(date: str) -> str:
    """The day that was given, or else that of $SOURCE_DATE_EPOCH; empty where there is neither."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        if date:
            return datetime.date.fromisoformat(date).isoformat()
        moment = datetime.datetime.fromtimestamp(int(seconds or 0), datetime.UTC)
    except (ValueError, OverflowError, OSError):
        wrong = f"--date {date}: give year, month and day, as 2026-05-04"
        if not date:
            wrong = f"SOURCE_DATE_EPOCH={seconds}: give seconds since 1970, or unset it"
        raise InputWrong(wrong) from None
    return moment.date().isoformat() if seconds else ""


def beat_range(beats: str | None) -> tuple[int, int] | None:
    """First and last beat of `3-5` or `4`. Raises `InputWrong`."""
    if beats is None:
        return None
    match = re.fullmatch(r"\s*(\d{1,4})\s*(?:[-–]\s*(\d{1,4})\s*)?", beats)
    if match is None:
        raise InputWrong(f"--beats {beats}: give a number (4) or first and last (3-5)")
    return int(match[1]), int(match[2] or match[1])


@dataclass(frozen=True, slots=True)
class Plan:
    """A video's clips in order, with what belongs to each."""

    source: Source
    settings: Settings
    edition: Edition
    first: int
    """The number of the first beat, counted from 1."""
    clips: tuple[Clip, ...]
    keys: tuple[str, ...]
    """The names of the clips' files in the cache."""
    contents: tuple[str, ...]
    """Digests of what the clips show and when, before a voice or a length changes when."""
    speeches: tuple[tuple[Speech | None, ...], ...]
    """Of each beat, the sound that starts with each of its utterances."""
    poster: StillJob
    cache: Cache

    @property
    def timeline(self) -> Timeline:
        """What is shown, or shown of."""
        return self.source.timeline

    @property
    def name(self) -> str:
        """The files' name without suffix; that of a part of a storyboard says which part."""
        name, count = self.source.storyboard.name, len(self.clips)
        if count == len(self.timeline.beats):
            return name
        last = self.first + count - 1
        return f"{name}-{self.first}" + (f"-{last}" if count > 1 else "")

    @property
    def pictures(self) -> Iterator[tuple[Picture, ...]]:
        """The pictures of each beat that is shown, as they are drawn, each once."""
        for place, clip in enumerate(self.clips):
            legs = tuple(leg.picture for leg in clip.legs)
            yield legs if place else (clip.opening, *legs)

    @property
    def beats(self) -> tuple[PlayedBeat, ...]:
        """The beats that are shown."""
        return self.timeline.beats[self.first - 1 : self.first - 1 + len(self.clips)]

    @property
    def frames(self) -> int:
        """Frames in all."""
        return sum(clip.frames for clip in self.clips)

    @property
    def spans(self) -> Iterator[tuple[float, float, PlayedBeat]]:
        """When each beat starts and ends, in seconds."""
        start = 0
        for played, clip in zip(self.beats, self.clips, strict=True):
            end = start + clip.frames
            yield start / clip.rate, end / clip.rate, played
            start = end

    @property
    def cues(self) -> tuple[Cue, ...]:
        """What is asked and said, cut so that it can be read."""
        return cues(said for said in self._said if said[2].strip())

    @property
    def _said(self) -> Iterator[tuple[float, float, str]]:
        """Start, end and words of all that is said; of a question until it is answered."""
        for (start, end, played), clip in zip(self.spans, self.clips, strict=True):
            starts = [start + at / clip.rate for at in clip.starts(len(played.said))]
            for said, *span in zip(played.said, starts, [*starts[1:], end], strict=True):
                yield span[0], span[1], said.words

    @property
    def unspoken(self) -> tuple[str, ...]:
        """The names of the recordings that are missing, where there is a voice."""
        if self.edition.narrator is None:
            return ()
        told = zip(self.beats, self.speeches, strict=True)
        named = (unspoken(n, beat.said, own) for n, (beat, own) in enumerate(told, self.first))
        return tuple(chain.from_iterable(named))

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The beats as players list them."""
        return tuple(Chapter(a, b, visible(p.beat.title)) for a, b, p in self.spans)


def plan(source: Source, settings: Settings, edition: Edition | None = None) -> Plan:
    """Lay out the clips of a storyboard. Raises `InputWrong` for beats it does not have."""
    edition = edition or Edition()
    timeline = source.timeline
    first, last = _range(edition, len(timeline.beats), source)
    canvas, faces = settings.canvas, typefaces()
    drawn = clips(timeline, canvas, settings.colours, settings.rate, settings.speed, faces)
    drawn = drawn[first - 1 : last]
    if settings.captions != "burn":
        drawn = tuple(without_captions(clip) for clip in drawn)
    contents, cache = tuple(content(clip) for clip in drawn), Cache(cache_folder())
    takes = _takes(edition.narrator, timeline.beats)[first - 1 : last]
    speeches = tuple(narrate(own, cache) for own in takes)
    said = tuple(played.said for played in timeline.beats[first - 1 : last])
    drawn = tuple(map(waiting, drawn, said, speeches))
    if edition.seconds is not None:
        voiced = tuple(map(heard, said, speeches))
        drawn = fitted(drawn, said, voiced, edition.seconds, source.storyboard.name)
    keys = tuple(clip_key(clip, settings.height, settings.format) for clip in drawn)
    place = source.storyboard.poster - (first - 1)
    cover = drawn[place if 0 <= place < len(drawn) else 0].end
    poster = StillJob(still_key(cover, settings.height), cover, settings.height, cache)
    return Plan(source, settings, edition, first, drawn, keys, contents, speeches, poster, cache)


def _takes(
    narrator: Narrator | None, beats: Sequence[PlayedBeat]
) -> tuple[tuple[Take | None, ...], ...]:
    """What a voice has to say in each beat."""
    told = [played.said for played in beats]
    return narrator.takes(told) if narrator else tuple((None,) * len(said) for said in told)


def _range(edition: Edition, count: int, source: Source) -> tuple[int, int]:
    first, last = edition.beats or (1, count)
    if not 1 <= first <= last <= count:
        raise InputWrong(
            f"{source.path} has beats 1 to {count}; there is no part {first} to {last}"
        )
    return first, last


def without_captions(clip: Clip) -> Clip:
    """The clip with nothing said below its pictures."""
    legs = tuple(replace(leg, picture=_bare(leg.picture)) for leg in clip.legs)
    return replace(clip, opening=_bare(clip.opening), legs=legs)


def _bare(picture: Picture) -> Picture:
    kept = tuple(shape for shape in picture.shapes if not shape.key.startswith(CAPTION))
    return replace(picture, shapes=kept)


def missing(planned: Plan) -> list[ClipJob]:
    """A job for each clip that is not in the cache, the longest first; equal clips once."""
    settings = planned.settings
    found = {
        key: ClipJob(key, clip, settings.height, planned.cache, settings.format)
        for key, clip in zip(planned.keys, planned.clips, strict=True)
        if planned.cache.find(key) is None
    }
    return sorted(found.values(), key=lambda job: -job.clip.frames)


def draw_missing(
    planned: Plan,
    wanted: Sequence[ClipJob],
    stills: Sequence[StillJob],
    jobs: int,
    progress: Progress,
    executor: Executor | None = None,
) -> None:
    """Draw clips and stills into the cache; stills that are there already are left alone."""
    kept = planned.frames - sum(job.frames for job in wanted)
    absent = {still.key: still for still in stills if planned.cache.find(still.key) is None}
    try:
        draw([*wanted, *absent.values()], jobs, progress, executor, kept)
    except BaseException as ended:
        if not isinstance(ended, OSError | MachineFailed):  # these may be the cache's own
            ended.add_note("finished beats are kept for the next run")
        raise


@contextmanager
def failures(target: Path) -> Iterator[None]:
    """What the disk or a worker process does to us, in one clear line."""
    try:
        yield
    except BrokenProcessPool as problem:
        failed = MachineFailed(
            "a drawing process was ended from outside (out of memory?); "
            "run again, perhaps with --jobs 1"
        )
        for note in getattr(problem, "__notes__", ()):
            failed.add_note(note)
        raise failed from problem
    except OSError as problem:
        raise explain(problem, f"cannot render to {target}") from problem
