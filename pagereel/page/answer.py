"""What a page's own Python answers to an edit: the story anew, or what is wrong with it.

Runs in the browser as it runs here, and calls what made the page: both answers are equal.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pagereel.read import (
    Problem,
    StoryboardProblems,
    Unmet,
    read_with_claims,
    rewritten,
)
from pagereel.scenes.page.bake import SCREENS, bake
from pagereel.scenes.page.outlines import NO_OUTLINES, Outlines
from pagereel.scenes.page.packing import packed

MOST_PROBLEMS = 50
"""That one answer tells."""


def answer(
    text: str,
    overrides: Sequence[str],
    screen: str,
    name: str = "storyboard",
    outlines: Outlines = NO_OUTLINES,
) -> str:
    """The answer to an edited storyboard, as JSON.

    `story`, with the pictures of one screen (a key of `SCREENS`), `broken`, the author's claims
    that do not hold any more, and with overrides `yaml`, the text that has them written in; or
    `problems`, in the order of the text.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{Path(name).name or 'storyboard'}.yaml"
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            told = _told(path, overrides, screen, outlines)
        except StoryboardProblems as wrong:
            problems = wrong.problems[:MOST_PROBLEMS]
            told = {"problems": [_problem(problem, path) for problem in problems]}
        except ModuleNotFoundError as missing:
            if not (missing.name or "").startswith("pagereel."):
                raise
            told = {"problems": [_NO_FILES]}
    return as_json(told)


def as_json(value: object) -> str:
    """As short as JSON gets, and the same every time."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _told(path: Path, overrides: Sequence[str], screen: str, outlines: Outlines) -> dict[str, Any]:
    found = read_with_claims(path, overrides)
    story = packed(bake(found.timeline, {screen: SCREENS[screen]}, outlines))
    told = {"story": story, "broken": [_broken(unmet) for unmet in found.unmet]}
    return told | ({"yaml": rewritten(path, overrides)} if overrides else {})


def _broken(unmet: Unmet) -> dict[str, Any]:
    problem = unmet.problem
    text = f"{problem.message}: {problem.remedy}" if problem.remedy else problem.message
    return {"beat": unmet.beat + 1, "claim": unmet.claim.text, "text": text}


_NO_FILES = {
    "message": "charts of records and recordings come from files, and a page has none",
    "remedy": "save the storyboard and show it with the command `pagereel`",
    "text": "charts of records and recordings come from files, and a page has none",
    "excerpt": "",
}
"""What an engine says that was packed without those who read them."""


def _problem(problem: Problem, path: Path) -> dict[str, Any]:
    file, line, column = problem.place
    report = str(problem).replace(path.as_posix(), path.name)
    told: dict[str, Any] = {"message": problem.message, "remedy": problem.remedy, "text": report}
    if file == path.as_posix():
        told |= {"line": line, "column": column}
    return told | {"excerpt": problem.span.excerpt()}
