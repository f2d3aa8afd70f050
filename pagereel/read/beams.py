"""Beam searches of the file become scripts, if every step offers what its beams need."""

from __future__ import annotations

from model.script import BeamScript, ScoredWord
from pagereel.read.groups import BeamForm, Scores
from pagereel.read.review import Review

_FIRST = "the first step is one mapping: all beams still hold the prompt alone"
_LATER = "the steps after the first are lists: one mapping a beam, in order"


def beam_script(given: int | BeamForm, path: tuple[str | int, ...], review: Review) -> BeamScript:
    """The search at a path of the form; what is wrong with its steps is reported there."""
    if isinstance(given, int):
        return BeamScript(given)
    if not review.lost(*path):
        for index, step in enumerate(given.steps):
            for message, remedy in _problems(step, index, given.width):
                review.complain(review.at(*path, "steps", index), message, remedy)
                review.distrust_from(0)
    return BeamScript(given.width, tuple(map(_choices, given.steps)), given.seed)


def _problems(step: Scores | list[Scores], index: int, width: int) -> list[tuple[str, str]]:
    offers = [step] if isinstance(step, dict) else step
    if index == 0 and not isinstance(step, dict):
        return [(f"step 1 is a list of {len(step)}", _FIRST)]
    if index > 0 and (isinstance(step, dict) or len(step) != width):
        told = "a mapping" if isinstance(step, dict) else f"a list of {len(step)}"
        return [(f"step {index + 1} of {width} beams is {told}", _LATER)]
    count = sum(map(len, offers))
    if count < width:
        remedy = "give at least as many words as there are beams"
        return [(f"step {index + 1} offers {count} words to {width} beams", remedy)]
    return []


def _choices(step: Scores | list[Scores]) -> tuple[ScoredWord, ...]:
    offers = [step] if isinstance(step, dict) else step
    return tuple(
        ScoredWord(beam, word, float(logprob))
        for beam, scores in enumerate(offers)
        for word, logprob in scores.items()
    )
