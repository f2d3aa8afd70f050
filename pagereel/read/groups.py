"""The form of requests with several sequences: parallel samples, and beams with their scores."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from pagereel.read.fields import MAX_BEAMS, MAX_SAMPLES, TAG, Form, Token, shape

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
