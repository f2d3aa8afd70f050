"""Requests of the file become scripts: text is split into words, numbers into anonymous tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from pagereel.model.core.request import sequence_ids
from pagereel.model.storyboard.script import BeamScript, ScoredWord, Script, Words, anonymous, words
from pagereel.read.form.fields import MAX_REQUESTS, BeamForm, Scores
from pagereel.read.form.schema import RequestForm, StoryboardForm
from pagereel.read.meaning.review import Review

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


MAX_TOKENS = 65_536
"""Tokens of all requests of one storyboard."""

Given = int | str | list[str]


def scripts(form: StoryboardForm, review: Review) -> dict[str, Script]:
    """Every valid request by id; too many of them, or too many tokens, are reported."""
    for name in list(form.requests)[MAX_REQUESTS:]:
        review.complain(review.key("requests", name), f"more than {MAX_REQUESTS} requests")
        review.distrust_from(0)
    found: dict[str, Script] = {}
    total = 0
    for name, request in form.requests.items():
        given = (request.prompt, request.output or 0, *(request.outputs or ()))
        total += sum(map(_count, given))
        if total > MAX_TOKENS:
            span = review.key("requests", name)
            review.complain(span, f"more than {MAX_TOKENS:,} tokens in all requests together")
            review.distrust_from(0)
            break
        if review.lost("requests", name) or _is_sound(name, request, review):
            found[name] = _script(name, request, review)
    return found


def _is_sound(name: str, request: RequestForm, review: Review) -> bool:
    """Check that the keys of one request fit together; report what does not."""
    before = len(review.problems)
    for key, message, remedy in _misfits(name, request):
        span = review.key("requests", name, key) if key else review.key("requests", name)
        review.complain(span, message, remedy)
        review.distrust_from(0)
    return len(review.problems) == before


def _misfits(name: str, request: RequestForm) -> Iterator[tuple[str, str, str]]:
    """The key at fault, what is wrong, and the remedy."""
    steps = isinstance(request.beam, BeamForm) and request.beam.steps
    if request.output is None and not request.outputs and not steps:
        meaning = " ".join((RequestForm.model_fields["output"].description or "").split())
        yield "", f"`{name}` has no `output`", f"output: {meaning.split('. ')[0]}"
    if request.output is not None and request.outputs:
        yield "outputs", "`outputs` beside `output`", "keep one of them: `outputs` says each sample"
    count = len(request.outputs or ())
    if count and request.n not in (None, count):
        yield "n", f"n is {request.n}, but there are {count} `outputs`", f"write `n: {count}`"
    if request.beam is not None:
        for key in ("n", "outputs"):
            if getattr(request, key) is not None:
                yield key, f"`{key}` beside `beam`", "a request has samples or beams, not both"
    answers = request.outputs or (request.output or 0,)
    longest = max(len(_tokens(answer, name, 1)) for answer in answers)
    if request.max_tokens is not None and longest > request.max_tokens:
        message = f"answers {longest} tokens, but its `max_tokens` is {request.max_tokens}"
        yield (
            "max_tokens",
            f"request `{name}` {message}",
            f"at least {longest}, or a shorter answer",
        )
    if request.abort is not None and request.abort < (request.arrival or 0):
        message = f"gives up at step {request.abort}, before it arrives at step {request.arrival}"
        yield "abort", f"request `{name}` {message}", "a later `abort`"


def _script(name: str, request: RequestForm, review: Review) -> Script:
    prompt = _tokens(request.prompt, name, 1)
    first = len(prompt) + 1
    given = request.outputs or ()
    names = sequence_ids(name, len(given))
    outputs = tuple(_tokens(each, who, first) for each, who in zip(given, names, strict=False))
    path = ("requests", name, "beam")
    beam = None if request.beam is None else beam_script(request.beam, path, review)
    length = request.output or max(len(beam.steps) if beam else 0, 1)
    return Script(
        id=name,
        prompt=prompt,
        output=outputs[0] if outputs else _tokens(length, name, first),
        n=request.n or len(outputs) or 1,
        outputs=outputs,
        beam=beam,
        cache_salt=request.salt,
        **{key: getattr(request, key) for key in _AS_GIVEN},
    )


_WORDS = {"prompt", "output", "outputs", "n", "beam"}
_AS_GIVEN = {f.name for f in fields(Script)} & RequestForm.model_fields.keys() - _WORDS
"""Keys of a request that its script has as they stand in the file."""


def _tokens(given: Given, name: str, first: int) -> Words:
    """The words of a text, listed tokens as they stand, or anonymous ones from position `first`."""
    if isinstance(given, int):
        return anonymous(name, first, given)
    return words(given) if isinstance(given, str) else tuple(given)


def _count(given: Given) -> int:
    return given if isinstance(given, int) else len(given)
