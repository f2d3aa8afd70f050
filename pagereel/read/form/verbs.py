"""The form of verbs: what the items of a beat's `do` can be."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Discriminator, Field, Tag

from pagereel.read.form.fields import MAX_STEPS, TAG, Beam, Form, Line, SampleCount


class VerbForm(Form):
    """One verb: a mapping with one key, the verb itself."""

    written: ClassVar[str]
    """How it is written."""


class AdmitForm(VerbForm):
    """Put a request into every lane's waiting queue."""

    written = "`admit: ID`"
    admit: Line
    """The request's id."""


class StepForm(VerbForm):
    """Let every lane take engine steps."""

    written = "`step`, `step: N`"
    step: int = Field(ge=1, le=MAX_STEPS)
    """How many."""


class RunForm(VerbForm):
    """Let every lane take engine steps, and show them as a time lapse."""

    written = "`run: N`"
    run: int = Field(ge=1, le=MAX_STEPS)
    """How many."""


class ForkForm(VerbForm):
    """Admit a request as several samples that share its prompt."""

    written = "`fork: {ID: N}`"
    fork: dict[Line, Annotated[SampleCount, Field(ge=2)]] = Field(min_length=1, max_length=1)
    """The request's id, and how many samples."""


class SearchForm(VerbForm):
    """Admit a request as a beam search."""

    written = "`beam: {ID: N}`"
    beam: dict[Line, Beam] = Field(min_length=1, max_length=1)
    """The request's id, and how many beams, or a mapping with their scores."""


class PreemptForm(VerbForm):
    """Take a running request's memory away, by the rules of each lane that preempts."""

    written = "`preempt: ID`"
    preempt: Line
    """The request's id."""


class SwapForm(VerbForm):
    """Move a running request's K/V to the CPU, in lanes that swap."""

    written = "`swap: ID`"
    swap: Line
    """The request's id."""


class CompactForm(VerbForm):
    """Close the hole before a request's region: it moves, and all that it stores is copied."""

    written = "`compact: ID`"
    compact: Line
    """The request's id."""


class FreeForm(VerbForm):
    """The client of a request gives up."""

    written = "`free: ID`"
    free: Line
    """The request's id."""


GivenVerb = (
    Literal["step"]
    | AdmitForm
    | StepForm
    | RunForm
    | ForkForm
    | SearchForm
    | PreemptForm
    | SwapForm
    | CompactForm
    | FreeForm
)
"""Every verb as a file can give it; all other lists of verbs are made from this one."""
VERBS: dict[str, type[VerbForm]] = {next(iter(f.model_fields)): f for f in get_args(GivenVerb)[1:]}
USAGE = ", ".join(form.written for form in VERBS.values())
"""How each is written."""


def _verb(given: object) -> str | None:
    if given == "step":
        return TAG + "word"
    if isinstance(given, dict):
        return next((TAG + key for key in given if key in VERBS), None)
    return None


_TAGGED = [Annotated[form, Tag(TAG + verb)] for verb, form in VERBS.items()]
TaggedVerb: Any = Annotated[
    reduce(or_, _TAGGED, Annotated[Literal["step"], Tag(TAG + "word")]), Discriminator(_verb)
]
"""The same, with what tells one from another: its key."""
