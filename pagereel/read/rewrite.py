"""A storyboard's text with overrides written into it, to be kept as a file of its own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from pagereel.read.document.compose import compose
from pagereel.read.document.intake import take
from pagereel.read.document.nodes import plain
from pagereel.read.document.problem import StoryboardProblems
from pagereel.read.overrides import apply, parse_override

_WIDTH = 100


def rewritten(path: str | Path, overrides: Iterable[str]) -> str:
    """The same storyboard as YAML, with these values; comments and layout of the file are lost.

    Raises `StoryboardProblems` for what cannot be read or put there.
    """
    return as_yaml(document_of(path, overrides))


def document_of(path: str | Path, overrides: Iterable[str]) -> object:
    """What YAML makes of a storyboard with these values. Raises `StoryboardProblems`."""
    source = take(Path(path))
    root, failed = apply(compose(source, source.text).root, map(parse_override, overrides))
    if failed:
        raise StoryboardProblems(failed)
    return plain(root)


def as_yaml(document: object) -> str:
    """A document as the text of a storyboard."""
    written: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return written
