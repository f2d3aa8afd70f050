"""Is an output still what its storyboard says? Its manifest tells what it was made from.

The file is compared with its digest, and decoded to its end. The storyboard is played again with
the settings of then, and what each beat would show now is compared with what it showed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pagereel.errors import InputWrong
from pagereel.model.core.plain_json import BadJson
from pagereel.outputs.decoding import fault_of
from pagereel.outputs.frames import shown_now
from pagereel.outputs.manifest import FORMAT, Manifest, read_manifest, versions
from pagereel.packaged import COURSE, STORYBOARDS
from pagereel.read import StoryboardProblems, read_timeline
from pagereel.render.plan import Edition, Source, plan
from pagereel.render.settings import FrameOptions, Settings
from pagereel.storage.incoming import Unreadable, digest
from pagereel.words import printable

SHOWN = 20
"""Changed beats or frames that are named; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one file."""

    file: str
    intact: bool
    """Whether the file is the one that was made."""
    storyboard: str
    """The storyboard it was compared with."""
    changed: tuple[str, ...]
    """The beats or frames that would look different now."""
    newer: tuple[str, ...]
    """What has another version now: `manim 0.22.0, now 0.23.0`."""
    fault: str = ""
    """Why it cannot be shown; empty if it can, or if nobody looked."""

    @property
    def good(self) -> bool:
        """Whether the file is still what its storyboard says."""
        return self.intact and not self.fault and not self.changed

    def __str__(self) -> str:
        if not self.intact:
            return f"{self.file}: is not the file that was made; it has been changed since"
        if self.fault:
            return f"{self.file}: cannot be decoded ({printable(self.fault)}); make it again"
        if self.changed:
            places = ", ".join(self.changed[:SHOWN])
            places += f" and {len(self.changed) - SHOWN} more" if self.changed[SHOWN:] else ""
            return f"{self.file}: {self.storyboard} says otherwise now ({places}); make it again"
        made = f"; made with {', '.join(self.newer)}" if self.newer else ""
        return f"{self.file}: still what {self.storyboard} says{made}"


class Look(StrEnum):
    """How closely a file is looked at."""

    WHOLE = "whole"
    """Every frame and picture is decoded."""
    QUICK = "quick"


def verify(file: Path, storyboard: Path | None = None, look: Look = Look.WHOLE) -> Verdict:
    """Compare a file with its manifest and its storyboard. Raises `InputWrong`."""
    if not file.is_file():
        raise InputWrong(f"{file}: there is no such file")
    try:
        held = digest(file)
        about = _manifest_of(file, held)
        settings = Settings(**about.settings)
    except Unreadable as unread:
        raise InputWrong(unread.of(file)) from None
    except (TypeError, ValueError) as problem:
        raise InputWrong(f"{file}: its manifest is not one of ours ({_told(problem)})") from None
    found, overrides = storyboard or _storyboard_of(about, file), tuple(about.storyboard.set)
    try:
        source = Source(found, read_timeline(found, overrides), overrides)
    except StoryboardProblems as problems:
        raise InputWrong(f"{file}: its storyboard cannot be read any more\n{problems}") from None
    changed, now = _changed(source, settings, about), versions()
    newer = tuple(
        f"{printable(name)} {printable(then)}, now {now[name]}"
        for name, then in about.versions.items()
        if now.get(name, then) != then
    )
    intact = about.files[file.name].sha256 == held
    frames = about.frames if isinstance(about.frames, int) else None
    fault = fault_of(file, frames) if intact and look is Look.WHOLE else ""
    return Verdict(str(file), intact, str(found), changed, newer, fault)


def _manifest_of(file: Path, held: str) -> Manifest:
    """The manifest beside a file that lists it, with its present digest if there is such a one."""
    found: list[dict[str, Any]] = []
    remarks = []
    for path in sorted(file.parent.glob("*manifest.json")):
        try:
            about = read_manifest(path)
        except (Unreadable, BadJson) as problem:
            remarks.append(f"{path.name}: {problem}")
            continue
        if isinstance(about.get("files"), dict) and file.name in about["files"]:
            found.append(about)
    if not found:
        why = "; ".join(remarks[:SHOWN]) or "was it moved, or renamed?"
        raise InputWrong(f"{file}: no manifest beside it names it; {why}")
    if any(about.get("format") != FORMAT for about in found):
        raise InputWrong(f"{file}: its manifest was written by another version of pagereel")
    read = [Manifest.model_validate(about) for about in found]
    return next((about for about in read if about.files[file.name].sha256 == held), read[0])


def _told(problem: TypeError | ValueError) -> str:
    """What a manifest has that ours have not, in one line."""
    if not isinstance(problem, ValidationError):
        return printable(str(problem), 200)
    first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
    return printable(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", 200)


def _storyboard_of(about: Manifest, file: Path) -> Path:
    """The storyboard that the manifest names, where storyboards lie."""
    name = Path(about.storyboard.file).name
    for place in (STORYBOARDS, Path(), file.parent, COURSE):
        if (place / name).is_file():
            return place / name
    absent = f"which is not in {STORYBOARDS}/, here, beside it or in {COURSE}"
    raise InputWrong(
        f"{file}: was made from {printable(name)}, {absent}; name it with --storyboard"
    )


def _changed(source: Source, settings: Settings, about: Manifest) -> tuple[str, ...]:
    """The beats, or frames, that would look different if they were made now."""
    if isinstance(about.frames, dict):
        options = FrameOptions(settings.height, each=about.each)
        now = shown_now(source, settings, options)
        then = {name.partition(".")[0]: shown for name, shown in about.frames.items()}
        names = sorted(then.keys() | now.keys())
        return tuple(
            f"frame {printable(name)}" for name in names if then.get(name) != now.get(name)
        )
    first, count = about.first_beat, len(about.beats)
    beats = source.storyboard.beats
    whole = Edition(beats=None if first == 1 else (min(first, len(beats)), len(beats)))
    contents: Sequence[str] = plan(source, settings, whole).contents
    if about.partial:
        contents = contents[:count]
    then_shown = [beat.content for beat in about.beats]
    return tuple(
        f"beat {number}"
        for number, (then_is, now_is) in enumerate(zip_longest(then_shown, contents), first)
        if then_is != now_is
    )
