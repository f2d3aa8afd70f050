"""What a page's own Python answers to an edit: the story anew, or what is wrong with it.

Runs in the browser as it runs here, and calls what made the page: both answers are equal.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pagereel.page.acting import TITLE, NoSuchPlace, acted, acts_of, is_actable
from pagereel.page.editing import refitted, rescheduled, sound
from pagereel.read import (
    Problem,
    Reviewed,
    StoryboardProblems,
    Unmet,
    as_yaml,
    document_of,
    read_with_claims,
)
from pagereel.scenes.page.bake import SCREENS, bake
from pagereel.scenes.page.outlines import NO_OUTLINES, Outlines
from pagereel.scenes.page.packing import packed

MOST_PROBLEMS = 50
"""That one answer tells."""
NO_ACTS = "[]"


def answer(
    text: str,
    overrides: Sequence[str],
    screen: str,
    name: str = "storyboard",
    outlines: Outlines = NO_OUTLINES,
    acts: str = NO_ACTS,
    goes_on: bool = False,
    lane: str = "",
) -> str:
    """The answer to an edited storyboard, as JSON.

    `acts` are what the visitor has done, as `acts_of` reads them; `goes_on` says whether what the
    author lets happen later is done after that; `lane` is the one that is drawn where the screen
    has room for one. `story`, with the pictures of one screen (a key of
    `SCREENS`), `broken`, what the author claims or does in vain now, and with overrides or acts
    `yaml`, the text that has them written in, and `sound`, the same without what is in vain; or
    `problems`, in the order of the text.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{Path(name).name or 'storyboard'}.yaml"
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            given = _written(path, overrides, acts, goes_on)
            found = read_with_claims(path, given)
            _refuse_vain(found)
            told = _told(found, screen, outlines, lane)
            if overrides or acts != NO_ACTS:
                told |= _yaml(path, given, found)
        except StoryboardProblems as wrong:
            problems = wrong.problems[:MOST_PROBLEMS]
            told = {"problems": [_problem(problem, path) for problem in problems]}
        except NoSuchPlace as gone:
            told = {"problems": [_NO_PLACE | {"text": str(gone), "message": str(gone)}]}
        except ModuleNotFoundError as missing:
            if not (missing.name or "").startswith("pagereel."):
                raise
            told = {"problems": [_NO_FILES]}
    return as_json(told)


def _refuse_vain(found: Reviewed) -> None:
    """Raise `StoryboardProblems` for what the visitor does and no lane obeys."""
    beats = found.timeline.beats
    vain = [
        problem
        for (part, beat, *_), problem in found.unheard.items()
        if part == "beats" and beats[int(beat)].beat.title.startswith(TITLE)
    ]
    if vain:
        raise StoryboardProblems(vain)


def _yaml(path: Path, overrides: Sequence[str], found: Reviewed) -> dict[str, str]:
    """The storyboard's text, and where it says or does something in vain, the text without that."""
    document = document_of(path, overrides)
    told = {"yaml": as_yaml(document)}
    if isinstance(document, dict) and (found.unmet or found.done or found.unheard):
        told["sound"] = as_yaml(sound(document, found))
    return told


def as_json(value: object) -> str:
    """As short as JSON gets, and the same every time."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _told(found: Reviewed, screen: str, outlines: Outlines, lane: str) -> dict[str, Any]:
    canvas = replace(SCREENS[screen], leading=lane)
    story = packed(bake(found.timeline, {screen: canvas}, outlines))
    last = len(found.timeline.beats)
    vain = [
        {"beat": int(beat) + 1 if part == "beats" else last, "claim": "", "text": _in_words(why)}
        for (part, beat, *_), why in found.unheard.items()
    ]
    return {"story": story, "broken": [*map(_broken, found.unmet), *vain]}


def _written(path: Path, overrides: Sequence[str], acts: str, goes_on: bool) -> Sequence[str]:
    """Write into the text what is no override; what is left to be set."""
    done = acts_of(acts)
    timed, away = _set(overrides, "requests", "arrival"), _set(overrides, "requests", "spare")
    lanes = _set(overrides, "lanes", "kind")
    if not (done or timed or away or lanes):
        return overrides
    document = document_of(path, overrides)
    if not isinstance(document, dict) or not is_actable(document):
        return overrides
    keys = [text.partition("=")[0].rpartition(".")[2] for text in overrides]
    fitting = rescheduled(refitted(document, lanes, keys), timed, away)
    changed = acted(fitting, done, goes_on) if done else fitting
    path.write_text(as_yaml(changed), encoding="utf-8")
    return ()


def _set(overrides: Iterable[str], part: str, what: str) -> set[str]:
    """The requests or lanes of which overrides set something."""
    found = set()
    for override in overrides:
        key, _, value = override.partition("=")
        match key.split("."):
            case [first, name, last] if (first, last) == (part, what):
                found |= {name} if value not in ("", "false") else set()
    return found


def _broken(unmet: Unmet) -> dict[str, Any]:
    text = _in_words(unmet.problem)
    return {"beat": unmet.beat + 1, "claim": unmet.claim.text, "text": text}


def _in_words(problem: Problem) -> str:
    return f"{problem.message}: {problem.remedy}" if problem.remedy else problem.message


_NO_FILES = {
    "message": "charts of records and recordings come from files, and a page has none",
    "remedy": "save the storyboard and show it with the command `pagereel`",
    "text": "charts of records and recordings come from files, and a page has none",
    "excerpt": "",
}
"""What an engine says that was packed without those who read them."""
_NO_PLACE = {"remedy": "start again from the author's version", "excerpt": ""}
"""What is said besides of steps that lead nowhere."""


def _problem(problem: Problem, path: Path) -> dict[str, Any]:
    file, line, column = problem.place
    report = str(problem).replace(path.as_posix(), path.name)
    told: dict[str, Any] = {"message": problem.message, "remedy": problem.remedy, "text": report}
    if file == path.as_posix():
        told |= {"line": line, "column": column}
    return told | {"excerpt": problem.span.excerpt()}
