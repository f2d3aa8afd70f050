"""What a reader of a page may change in a storyboard: each setting with its present value.

A setting's `key` is what an override takes: `block_size`, `requests.A.prompt`. Limits are those of
a picture that can be read; whether a value makes sense is for the reader of storyboards to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pagereel.model.allocators.contiguous.placement import PLACEMENTS
from pagereel.model.allocators.kinds import KINDS
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.allocators.options import Option, OptionReader
from pagereel.model.core.geometry import PRESETS
from pagereel.model.storyboard.script import Script, Words, anonymous
from pagereel.model.storyboard.storyboard import Storyboard

Setting = dict[str, Any]
MOST_SLOTS, MOST_STEPS = 512, 200
BLOCK_SIZES = (1, 2, 4, 8, 16, 32)


def settings(storyboard: Storyboard) -> list[Setting]:
    """Everything that can be changed, in the order in which a form shows it."""
    lanes = storyboard.lanes
    return [
        *_of_all_lanes(lanes),
        _choice("model", "Model", "model", "The model whose bytes are counted.",
                storyboard.geometry.name, PRESETS),
        *(setting for spec in lanes for setting in _of_lane(spec)),
        *(setting for script in storyboard.requests for setting in _of_request(script)),
    ]  # fmt: skip


def _of_all_lanes(lanes: Iterable[LaneSpec]) -> Iterator[Setting]:
    """What is one number for all lanes that take it; where they differ, each has its own."""
    for field, label, about, limits in _SHARED:
        takers = [spec for spec in lanes if field in KINDS[spec.kind].takes]
        values = {getattr(spec, field) for spec in takers}
        if len(values) == 1:
            yield _whole(field, label, "memory", about, values.pop(), limits)
        else:
            for spec in takers:
                key, value = f"lanes.{spec.name}.{field}", getattr(spec, field)
                yield _whole(key, label, f"lane {spec.name}", about, value, limits)


_SHARED = (
    ("slots", "Slots", "Token slots of memory; each holds the K/V of one token.", (4, MOST_SLOTS)),
    ("block_size", "Block size", "Token slots in a block.", BLOCK_SIZES),
    ("max_len", "Longest answer planned for", "Token slots that a contiguous lane sets aside.",
     (2, MOST_SLOTS)),
)  # fmt: skip


def _of_lane(spec: LaneSpec) -> Iterator[Setting]:
    stem, group = f"lanes.{spec.name}", f"lane {spec.name}"
    kind = KINDS[spec.kind]
    kinds = {name: known.summary for name, known in KINDS.items() if known.build_for_replay}
    yield _choice(f"{stem}.kind", "Kind", group, kind.summary, spec.kind, kinds)
    if "placement" in kind.takes:
        about = "Which hole a reservation goes to."
        yield _choice(f"{stem}.placement", "Placement", group, about, spec.placement, PLACEMENTS)
    asked = _Asked(spec.kind, spec.options)
    kind.build(spec, asked)
    for name, option in asked.asked.items():
        about = kind.options[name].meaning if name in kind.options else ""
        yield {"key": f"{stem}.{name}", "label": name, "group": group, "about": about} | option


class _Asked(OptionReader):
    """Notes what a kind asks for, and so what each of its options can be."""

    def __init__(self, kind: str, given: Iterable[tuple[str, Option]]) -> None:
        super().__init__(kind, given)
        self.asked: dict[str, Setting] = {}

    def whole(self, name: str, default: int, least: int = 0) -> int:
        value = super().whole(name, default, least)
        self.asked.setdefault(name, {"kind": "int", "value": value, "least": least})
        return value

    def whole_or_none(self, name: str, default: int | None, least: int = 0) -> int | None:
        value = super().whole_or_none(name, default, least)
        self.asked[name] = {"kind": "int", "value": value, "least": least}
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = super().flag(name, default)
        self.asked[name] = {"kind": "bool", "value": value}
        return value

    def share(self, name: str, default: float) -> float:
        value = super().share(name, default)
        self.asked[name] = {"kind": "number", "value": value, "least": 0, "most": 0.99}
        return value

    def word(self, name: str, default: str, allowed: Iterable[str]) -> str:
        words = tuple(allowed)
        value = super().word(name, default, words)
        self.asked[name] = {"kind": "choice", "value": value, "choices": [*words]}
        return value


def _of_request(script: Script) -> Iterator[Setting]:
    stem, group = f"requests.{script.id}", f"request {script.id}"
    about = "Words, each a token. Equal beginnings can share blocks."
    yield _text(f"{stem}.prompt", "Prompt", group, about, spoken_prompt(script))
    if not script.outputs and script.beam is None:
        told = "What the model answers: the allocators see only how long it gets."
        yield _text(f"{stem}.output", "Answer", group, told, spoken_output(script))
    about = "The step before which it joins the queue."
    if script.arrival is None:
        about += " Empty: as the story has it."
    yield _whole(f"{stem}.arrival", "Arrives at", group, about, script.arrival, (0, MOST_STEPS))


def spoken_prompt(script: Script) -> str | int:
    """The prompt as a storyboard may have it: its words, or the number of nameless tokens."""
    return _spoken(script.prompt, anonymous(script.id, 1, len(script.prompt)))


def spoken_output(script: Script) -> str | int:
    """The answer likewise."""
    first = len(script.prompt) + 1
    return _spoken(script.output, anonymous(script.id, first, len(script.output)))


def _spoken(said: Words, nameless: Words) -> str | int:
    return len(said) if said == nameless else "".join(said)


def _whole(
    key: str, label: str, group: str, about: str, value: int | None, limits: tuple[int, ...]
) -> Setting:
    """A whole number: from one to another, or one of several."""
    told: Setting = {"key": key, "label": label, "group": group, "about": about, "kind": "int"}
    told |= {"value": value, "least": limits[0], "most": limits[-1]}
    return told | ({"choices": [*limits]} if len(limits) > 2 else {})


def _choice(
    key: str, label: str, group: str, about: str, value: str, names: Iterable[str]
) -> Setting:
    told = {"key": key, "label": label, "group": group, "about": about, "kind": "choice"}
    return told | {"value": value, "choices": [*names]}


def _text(key: str, label: str, group: str, about: str, value: str | int) -> Setting:
    told = {"key": key, "label": label, "group": group, "about": about, "kind": "text"}
    return told | {"value": value, "most": 400}
