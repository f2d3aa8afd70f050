"""Types and limits that fields of the storyboard form share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

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


def one_of(what: str, names: Iterable[str]) -> AfterValidator:
    """A check that refuses every word but these; `what` names the choice in the message."""
    known = list(names)

    def check(given: str) -> str:
        if given not in known:
            raise PydanticCustomError("choice", "choice", {"what": what, "known": known})
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
