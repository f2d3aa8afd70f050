"""Options of lane kinds as keys of the file: what `KINDS` lists, a storyboard can set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from pagereel.model.allocators.kinds import KINDS

Option = bool | int | float | str


def _single(given: object) -> Option:
    if isinstance(given, Option):
        return given
    raise PydanticCustomError("option", "not a single value")


_TYPES = {"type": ["boolean", "number", "string"]}
_Optional = Annotated[Option | None, PlainValidator(_single), WithJsonSchema(_TYPES)]


def options_of(kind: str) -> Mapping[str, str]:
    """The options of one kind of lane, each with what it sets."""
    options: Mapping[str, str] = getattr(KINDS.get(kind), "options", {})  # not every kind has some
    return options


def option_fields() -> dict[str, Any]:
    """A field for every option of any kind, as `pydantic.create_model` takes them."""
    meanings: dict[str, list[str]] = {}
    for kind in KINDS:
        for name, meaning in options_of(kind).items():
            meanings.setdefault(name, []).append(f"{kind}: {meaning}.")
    return {
        name: (_Optional, Field(default=None, description="\n".join(told)))
        for name, told in meanings.items()
    }
