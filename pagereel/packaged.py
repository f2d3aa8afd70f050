"""What pagereel brings along: its course and records, for folders that have none of their own."""

from __future__ import annotations

from pathlib import Path

from pagereel.errors import InputWrong
from pagereel.words import nearest, printable

STORYBOARDS, RESULTS = Path("storyboards"), Path("measurements/results")
"""Where a project has its storyboards and its records."""
_PACKAGE = Path(__file__).parent
COURSE, RECORDS = _PACKAGE / STORYBOARDS, _PACKAGE / RESULTS
"""Those that come with pagereel."""


def course_folder() -> Path:
    """`storyboards/` of the current folder, or else the course. Raises `InputWrong`."""
    return _first("storyboards", STORYBOARDS, COURSE)


def records_folder() -> Path:
    """`measurements/results/` of the current folder, or else ours. Raises `InputWrong`."""
    return _first("records", RESULTS, RECORDS)


def _first(what: str, *folders: Path) -> Path:
    for folder in folders:
        if folder.is_dir():
            return folder
    raise InputWrong(f"no {what}: there is neither {folders[0]}/ here nor {folders[1]}")


def storyboard_file(given: Path) -> Path:
    """The file that was named, or the storyboard of that name: here, in `storyboards/`, or ours.

    Raises `InputWrong` for a name that nothing bears; a path to no file is left to its reader.
    """
    if given.exists() or given.parent != Path():
        return given
    names = (given.name, f"{given.name}.yaml")
    folders = (Path(), STORYBOARDS, COURSE)
    for path in (folder / name for folder in folders for name in names):
        if path.is_file():
            return path
    if given.suffix:
        return given
    near = nearest(given.name, [path.stem for folder in folders for path in folder.glob("*.yaml")])
    remedy = f"did you mean `{printable(near)}`?" if near else "`pagereel list` shows those of ours"
    looked = f"no storyboard of that name here, in {STORYBOARDS}/ or in {COURSE}"
    raise InputWrong(f"{printable(given.name)}: {looked}; {remedy}")


def seen_from(storyboard: Path, named: str) -> Path:
    """A file or folder as a storyboard names it; what is not there, as seen from our course."""
    here, there = storyboard.parent / named, COURSE / named
    return there if there.exists() and not here.exists() else here
