"""The storyboard that `pagereel new NAME` writes: valid, commented, and worth playing."""

from __future__ import annotations

import re
from importlib.resources import files

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)


class UnsafeName(ValueError):
    """The name cannot be a storyboard's file name; the message says which can."""


def safe_name(name: str) -> str:
    """The name for a new storyboard, without `.yaml`. Raises `UnsafeName`.

    It becomes part of file names and web addresses, so there are no folders, dots or spaces in it.
    """
    stem = name.removesuffix(".yaml").removesuffix(".yml")
    if _NAME.fullmatch(stem) is None:
        raise UnsafeName("a name is up to 64 letters, digits, `-` or `_`, and no folder")
    if _DEVICES.fullmatch(stem):
        raise UnsafeName(f"`{stem}` is a device on Windows; choose another name")
    return stem


def starter(name: str) -> str:
    """The text of a new storyboard, titled after its name. Raises `UnsafeName`."""
    title = re.sub(r"[-_]+", " ", safe_name(name)).strip().capitalize()
    template = files("pagereel.read").joinpath("starter.yaml").read_text(encoding="utf-8")
    return template.replace("TITLE", title)
