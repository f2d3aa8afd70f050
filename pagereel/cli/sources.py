"""Read the storyboards that a command was given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pagereel.errors import InputWrong
from pagereel.read import StoryboardProblems, read_timeline
from pagereel.render.plan import Source


def load(paths: Sequence[Path], overrides: Sequence[str]) -> list[Source]:
    """Read storyboards; the mistakes of all files together raise one `InputWrong`."""
    sources, wrong = [], []
    for path in paths:
        try:
            sources.append(Source(path, read_timeline(path, overrides), tuple(overrides)))
        except StoryboardProblems as problems:
            wrong.append(str(problems))
    nameless = [source.path for source in sources if not source.storyboard.name.strip(". ")]
    wrong += [f"{path}: outputs are named after the file; give it a name" for path in nameless]
    if wrong:
        raise InputWrong("\n".join(wrong))
    twice = {s.storyboard.name for s in sources if _count(sources, s) > 1}
    if twice:
        raise InputWrong(f"two storyboards are named {twice.pop()}; their outputs would collide")
    return sources


def _count(sources: Sequence[Source], source: Source) -> int:
    return sum(other.storyboard.name == source.storyboard.name for other in sources)
