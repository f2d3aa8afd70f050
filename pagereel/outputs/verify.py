"""Is an output still what its storyboard says? Its manifest tells what it was made from.

The file is compared with its digest; the storyboard is played again with the settings of then, and
what each beat would show now is compared with what it showed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pagereel.errors import InputWrong
from pagereel.outputs.frames import shown_now
from pagereel.outputs.manifest import FORMAT, versions
from pagereel.packaged import COURSE, STORYBOARDS
from pagereel.read import StoryboardProblems, read_timeline
from pagereel.render.plan import Edition, Source, plan
from pagereel.render.settings import FrameOptions, Settings
from pagereel.storage.publish import digest


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

    @property
    def good(self) -> bool:
        """Whether the file is still what its storyboard says."""
        return self.intact and not self.changed

    def __str__(self) -> str:
        if not self.intact:
            return f"{self.file}: is not the file that was made; it has been changed since"
        if self.changed:
            places = ", ".join(self.changed)
            return f"{self.file}: {self.storyboard} says otherwise now ({places}); make it again"
        made = f"; made with {', '.join(self.newer)}" if self.newer else ""
        return f"{self.file}: still what {self.storyboard} says{made}"


def verify(file: Path, storyboard: Path | None = None) -> Verdict:
    """Compare a file with its manifest and its storyboard. Raises `InputWrong`."""
    about = _manifest_of(file)
    intact = digest(file) == about["files"][file.name]["sha256"]
    try:
        found = storyboard or _storyboard_of(about, file)
        overrides = tuple(about["storyboard"]["set"])
        source = Source(found, read_timeline(found, overrides), overrides)
        changed = _changed(source, about)
    except StoryboardProblems as problems:
        raise InputWrong(f"{file}: its storyboard cannot be read any more\n{problems}") from None
    except (KeyError, TypeError, ValueError) as problem:
        raise InputWrong(f"{file}: its manifest is not one of ours ({problem})") from problem
    now = versions()
    newer = tuple(
        f"{name} {then}, now {now[name]}"
        for name, then in about["versions"].items()
        if now.get(name, then) != then
    )
    return Verdict(str(file), intact, str(found), changed, newer)


def _manifest_of(file: Path) -> dict[str, Any]:
    """The manifest beside a file that lists it."""
    if not file.is_file():
        raise InputWrong(f"{file}: there is no such file")
    found = []
    for path in sorted(file.parent.glob("*manifest.json")):
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(about, dict) and file.name in about.get("files", {}):
            found.append(about)
    if not found:
        raise InputWrong(f"{file}: no manifest beside it names it; was it moved, or renamed?")
    if any(about.get("format") != FORMAT for about in found):
        raise InputWrong(f"{file}: its manifest was written by another version of pagereel")
    held = digest(file)
    intact = [about for about in found if about["files"][file.name]["sha256"] == held]
    return dict((intact or found)[0])


def _storyboard_of(about: dict[str, Any], file: Path) -> Path:
    """The storyboard that the manifest names, where storyboards lie."""
    name = Path(about["storyboard"]["file"]).name
    for place in (STORYBOARDS, Path(), file.parent, COURSE):
        if (place / name).is_file():
            return place / name
    absent = f"which is not in {STORYBOARDS}/, here, beside it or in {COURSE}"
    raise InputWrong(f"{file}: was made from {name}, {absent}; name it with --storyboard")


def _changed(source: Source, about: dict[str, Any]) -> tuple[str, ...]:
    """The beats, or frames, that would look different if they were made now."""
    settings = Settings(**about["settings"])
    if "frames" in about and isinstance(about["frames"], dict):
        options = FrameOptions(settings.height, each=about["each"])
        now = shown_now(source, settings, options)
        then = {name.partition(".")[0]: shown for name, shown in about["frames"].items()}
        names = sorted(then.keys() | now.keys())
        return tuple(f"frame {name}" for name in names if then.get(name) != now.get(name))
    first, count = about["first_beat"], len(about["beats"])
    beats = source.storyboard.beats
    whole = Edition(beats=None if first == 1 else (min(first, len(beats)), len(beats)))
    contents: Sequence[str] = plan(source, settings, whole).contents
    if about["partial"]:
        contents = contents[:count]
    then_shown = [beat["content"] for beat in about["beats"]]
    return tuple(
        f"beat {number}"
        for number, (then_is, now_is) in enumerate(zip_longest(then_shown, contents), first)
        if then_is != now_is
    )
