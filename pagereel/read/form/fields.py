"""Types, limits and small forms that the storyboard form is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from pagereel.model.usage.budget import UTILIZATION
from pagereel.words import NOBODY

MAX_SLOTS = 16_384
MAX_STEPS = 500
MAX_LANES, MAX_REQUESTS, MAX_BEATS = 4, 64, 100
MAX_SAMPLES, MAX_BEAMS = 16, 8
TAG = "\0"
"""Starts the tags of unions, so that an error's path can be told from keys of the file."""


class Form(BaseModel):
    """What all parts share: unknown keys and loose types are mistakes."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True
    )


def one_of(
    what: str, names: Iterable[str], nicknames: Mapping[str, Sequence[str]] = NOBODY
) -> AfterValidator:
    """A check that refuses every word but these; `what` names the choice in the message.

    Who writes a nickname is told what it may stand for.
    """
    known = list(names)
    context = {"what": what, "known": known, "nicknames": nicknames}

    def check(given: str) -> str:
        if given not in known:
            raise PydanticCustomError("choice", "choice", context)
        return given

    return AfterValidator(check)


def shape(given: object) -> str:
    """Which member of a union a value is meant for."""
    if isinstance(given, bool):
        return TAG + "text"
    kinds: dict[type, str] = {int: "count", list: "list", dict: "mapping"}
    return TAG + kinds.get(type(given), "text")


ID_PATTERN = r"^[A-Za-z][A-Za-z0-9_-]{0,15}$"
Id = Annotated[str, Field(pattern=ID_PATTERN)]
Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=1000)]
Token = Annotated[str, Field(min_length=1, max_length=100)]
Words = Annotated[
    Annotated[int, Field(ge=1, le=MAX_SLOTS), Tag(TAG + "count")]
    | Annotated[str, Field(min_length=1, max_length=10_000), Tag(TAG + "text")]
    | Annotated[list[Token], Field(min_length=1, max_length=10_000), Tag(TAG + "list")],
    Discriminator(shape),
]


Amount = Annotated[
    Annotated[int, Field(ge=0), Tag(TAG + "count")] | Annotated[Line, Tag(TAG + "text")],
    Discriminator(shape),
]
"""Text with a unit; or 0, which needs none."""


class GpuForm(Form):
    """A GPU's memory: what the card has, what is assumed, and where that comes from."""

    name: Line
    """What it is called on screen."""
    memory: Amount
    """All that it has, as `40 GiB`."""
    weights: Amount
    """The model's parameters, as `26 GB`."""
    activations: Amount = 0
    """What computing needs at its peak, and all else that is neither weights nor K/V."""
    utilization: float = Field(default=UTILIZATION, ge=0.01, le=1)
    """The share of the memory that the engine claims; vLLM's default if not given."""
    source: Line
    """Where these numbers come from; stands on screen."""


SampleCount = Annotated[int, Field(ge=1, le=MAX_SAMPLES)]
BeamWidth = Annotated[int, Field(ge=2, le=MAX_BEAMS)]
Scores = dict[Token, Annotated[float, Field(le=0, ge=-1000)]]
"""Log-probabilities by word."""


class BeamForm(Form):
    """A beam search, with the scores of its steps or a seed for them."""

    width: BeamWidth
    """How many beams."""
    steps: list[
        Annotated[
            Annotated[Scores, Tag(TAG + "mapping")]
            | Annotated[list[Scores], Field(max_length=MAX_BEAMS), Tag(TAG + "list")],
            Discriminator(shape),
        ]
    ] = Field([], max_length=100)
    """The words that each step offers, with their log-probabilities: a mapping for the first step,
    then a list with a mapping for each beam. Later steps follow from the seed."""
    seed: int = Field(default=0, ge=0, le=2**31)
    """Which scores the steps have that are not given."""


Beam = Annotated[
    Annotated[BeamWidth, Tag(TAG + "count")] | Annotated[BeamForm, Tag(TAG + "mapping")],
    Discriminator(shape),
]
