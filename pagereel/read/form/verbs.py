"""The form of verbs: what the items of a beat's `do` can be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from pagereel.read.form.fields import MAX_STEPS, TAG, Beam, Form, Line, SampleCount


class AdmitForm(Form):
    """Put a request into every lane's waiting queue."""

    admit: Line
    """The request's id."""


class StepForm(Form):
    """Let every lane take engine steps."""

    step: int = Field(ge=1, le=MAX_STEPS)
    """How many."""


class RunForm(Form):
    """Let every lane take engine steps, and show them as a time lapse."""

    run: int = Field(ge=1, le=MAX_STEPS)
    """How many."""


class ForkForm(Form):
    """Admit a request as several samples that share its prompt."""

    fork: dict[Line, Annotated[SampleCount, Field(ge=2)]] = Field(min_length=1, max_length=1)
    """The request's id, and how many samples."""


class SearchForm(Form):
    """Admit a request as a beam search."""

    beam: dict[Line, Beam] = Field(min_length=1, max_length=1)
    """The request's id, and how many beams, or a mapping with their scores."""


class PreemptForm(Form):
    """Take a running request's memory away, by the rules of each lane that preempts."""

    preempt: Line
    """The request's id."""


class SwapForm(Form):
    """Move a running request's K/V to the CPU, in lanes that swap."""

    swap: Line
    """The request's id."""


class FreeForm(Form):
    """The client of a request gives up."""

    free: Line
    """The request's id."""


VERBS: dict[str, type[Form]] = {
    "admit": AdmitForm,
    "step": StepForm,
    "run": RunForm,
    "fork": ForkForm,
    "beam": SearchForm,
    "preempt": PreemptForm,
    "swap": SwapForm,
    "free": FreeForm,
}
USAGE = {
    "admit": "`admit: ID`",
    "step": "`step`, `step: N`",
    "run": "`run: N`",
    "fork": "`fork: {ID: N}`",
    "beam": "`beam: {ID: N}`",
    "preempt": "`preempt: ID`",
    "swap": "`swap: ID`",
    "free": "`free: ID`",
}
"""How each verb is written."""


def _verb(given: object) -> str | None:
    if given == "step":
        return TAG + "word"
    if isinstance(given, dict):
        return next((TAG + key for key in given if key in VERBS), None)
    return None


VerbForm = Annotated[
    Annotated[Literal["step"], Tag(TAG + "word")]
    | Annotated[AdmitForm, Tag(TAG + "admit")]
    | Annotated[StepForm, Tag(TAG + "step")]
    | Annotated[RunForm, Tag(TAG + "run")]
    | Annotated[ForkForm, Tag(TAG + "fork")]
    | Annotated[SearchForm, Tag(TAG + "beam")]
    | Annotated[PreemptForm, Tag(TAG + "preempt")]
    | Annotated[SwapForm, Tag(TAG + "swap")]
    | Annotated[FreeForm, Tag(TAG + "free")],
    Discriminator(_verb),
]
