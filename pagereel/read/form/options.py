"""Options of lane kinds as keys of the file: what `KINDS` lists, a storyboard can set."""

from __future__ import annotations

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


def option_fields() -> dict[str, Any]:
    """A field for every option of any kind, as `pydantic.create_model` takes them."""
    meanings: dict[str, list[str]] = {}
    for kind in KINDS.values():
        for name, meaning in kind.options.items():
            meanings.setdefault(name, []).append(f"{kind.name}: {meaning}.")
    return {
        name: (_Optional, Field(default=None, description="\n".join(told)))
        for name, told in meanings.items()
    }
