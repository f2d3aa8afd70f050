"""Targets: the parts of the picture that `focus` and `callouts` point at."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from model.panels import ABOVE, BESIDE
from pagereel.read.problem import did_you_mean
from pagereel.read.source import printable

PANELS = ("question", *ABOVE, *BESIDE)
"""Parts that only some pictures have."""
PARTS = ("table", "queue", *PANELS)
"""Parts of the picture that have no name of their own."""
_TARGET = re.compile(
    r"(?P<named>lane|request|block) (?P<name>\S+)(?: in lane (?P<where>\S+))?"
    rf"|(?P<part>{'|'.join(dict.fromkeys(PARTS))})(?: in lane (?P<there>\S+))?"
)


@dataclass(frozen=True, slots=True)
class Target:
    """One part of the picture."""

    kind: str
    """`lane`, `request`, `block`, or one of `PARTS`."""
    name: str
    """Lane, request id or block number; empty for the other kinds."""
    lane: str
    """The lane it is in; empty: in every lane."""


class NotATarget(ValueError):
    """The text points at nothing; carries the message and the remedy."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


def parse_target(text: str, lanes: Collection[str], requests: Collection[str]) -> Target:
    """Read one target. Raises `NotATarget`. Whether a block exists only its lane can tell."""
    match = _TARGET.fullmatch(text.strip())
    if match is None:
        raise NotATarget(f"`{printable(text)}` is not a target", _remedy(text))
    kind = match["named"] or match["part"]
    target = Target(kind, match["name"] or "", match["where"] or match["there"] or "")
    if kind == "lane" and target.lane:
        raise NotATarget("a lane is in no other lane", f"write `lane {target.name}`")
    if kind == "block" and not (target.name.isascii() and target.name.isdigit()):
        raise NotATarget(f"`{printable(target.name)}` is not a block number", "as in `block 7`")
    for what, name, known in (
        ("lane", target.name if kind == "lane" else target.lane, lanes),
        ("request", target.name if kind == "request" else "", requests),
    ):
        if name and name not in known:
            message = f"unknown {what} `{printable(name)}`"
            raise NotATarget(message, did_you_mean(name, known))
    return target


def _remedy(text: str) -> str:
    first, _, rest = text.strip().partition(" ")
    forms = ["lane NAME", "request ID", "block N", *dict.fromkeys(PARTS)]
    if first in ("lane", "request", "block") and not rest:
        return f"write `{next(form for form in forms if form.startswith(first))}`"
    near = did_you_mean(first, [form.split()[0] for form in forms])
    if near.startswith("did"):
        return near
    return "targets: " + ", ".join(f"`{form}`" for form in forms) + "; then maybe `in lane NAME`"
