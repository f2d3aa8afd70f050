"""What a YAML tool takes an unquoted scalar for, so that `no` and `5` are not taken for text."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.resolver import Resolver

from pagereel.read.nodes import Sort

_CORE = "tag:yaml.org,2002:"
_SORTS = {
    "str": Sort.TEXT,
    "int": Sort.NUMBER,
    "float": Sort.NUMBER,
    "bool": Sort.TRUTH,
    "null": Sort.NOTHING,
    "timestamp": Sort.DATE,
}
CORE_TAGS = frozenset({"!", _CORE + "seq", _CORE + "map", *(_CORE + name for name in _SORTS)})
"""Tags that change nothing but what a scalar is; all others are refused."""
_LONGEST = 40
"""No number, date or truth value is longer."""


def sort_of(tag: str | None) -> Sort:
    """What an explicit tag makes of a scalar; quoted ones have none and are text."""
    return _SORTS.get((tag or "").removeprefix(_CORE), Sort.TEXT)


def sort_of_plain(text: str) -> Sort:
    """What YAML 1.1 takes an unquoted scalar for."""
    if len(text) > _LONGEST:
        return Sort.TEXT
    resolver: Any = Resolver()  # PyYAML's stubs leave `resolve` untyped
    return sort_of(resolver.resolve(yaml.ScalarNode, text, (True, False)))
