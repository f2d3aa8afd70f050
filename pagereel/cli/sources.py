"""Find and read the storyboards that a command was given."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from pagereel.errors import InputWrong
from pagereel.packaged import course_folder, storyboard_file
from pagereel.read import Problem, StoryboardProblems, place, read_timeline
from pagereel.render.layout import Misfit
from pagereel.render.plan import Plan, Source


def named(storyboards: Sequence[Path] | None) -> Sequence[Path]:
    """The files that were named. Naming none is a wrong call."""
    if not storyboards:
        raise typer.BadParameter("name at least one storyboard file", param_hint="STORYBOARD")
    return storyboards


def course() -> list[Path]:
    """Every numbered storyboard, of this folder or ours. Raises `InputWrong` if there is none."""
    folder = course_folder()
    found = sorted(folder.glob("[0-9]*.yaml"))
    if not found:
        raise InputWrong(f"no storyboard in {folder}/ has a number, as 01-x.yaml; name some")
    return found


def playground() -> list[Path]:
    """The storyboard beside the course that is for its readers to change, if there is one."""
    return [path for path in (course_folder() / "playground.yaml",) if path.is_file()]


def texts() -> Path | None:
    """`docs/` beside the course's folder, if there is one."""
    folder = course_folder().parent / "docs"
    return folder if folder.is_dir() else None


def load(paths: Sequence[Path], overrides: Sequence[str]) -> list[Source]:
    """Read storyboards; the mistakes of all files together raise one `InputWrong`."""
    sources, wrong = [], []
    for given in paths:
        try:
            path = storyboard_file(given)
            sources.append(Source(path, read_timeline(path, overrides), tuple(overrides)))
        except (InputWrong, StoryboardProblems) as problems:
            wrong.append(str(problems))
    nameless = [source.path for source in sources if not source.storyboard.name.strip(". ")]
    wrong += [f"{path}: outputs are named after the file; give it a name" for path in nameless]
    if wrong:
        raise InputWrong("\n".join(wrong))
    twice = {s.storyboard.name for s in sources if _count(sources, s) > 1}
    if twice:
        raise InputWrong(f"two storyboards are named {twice.pop()}; their outputs would collide")
    return sources


def placed(source: Source, misfit: Misfit) -> str:
    """What is wrong with a beat's pictures, at the text of the file that is at fault, if one is."""
    if not misfit.key:
        return f"{source.path}: {misfit}"
    played = source.timeline.beats[misfit.beat - 1]
    shot = ("shots", played.said[misfit.said].shot) if len(played.shots) > 1 else ()
    span = place(source.path, source.overrides, "beats", misfit.beat - 1, *shot, misfit.key)
    return str(Problem(span, misfit.message, misfit.remedy))


def warn_of_silence(planned: Plan) -> None:
    """A film that lacks recordings is made all the same; the author should know which."""
    if planned.unspoken:
        absent = ", ".join(planned.unspoken)
        told = f"{planned.source.path} is silent where no recording is: {absent}"
        print(f"warning: {told}", file=sys.stderr)


def _count(sources: Sequence[Source], source: Source) -> int:
    return sum(other.storyboard.name == source.storyboard.name for other in sources)
