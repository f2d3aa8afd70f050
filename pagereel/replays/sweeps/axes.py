"""What a sweep varies: `--sweep NAME=VALUES`, read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from pagereel.errors import InputWrong
from pagereel.model.core.quoting import shown
from pagereel.model.core.sizes import read_bytes
from pagereel.model.sizing.parallel import KV_DTYPES
from pagereel.replays.wishes import ReplayWishes
from pagereel.words import did_you_mean

MOST_VALUES, MOST_REPLAYS = 256, 1_000
"""Of one setting; of all combinations and lanes together."""
_RANGE = re.compile(r"([\d.]+)\s*\.\.\s*([\d.]+)\s*([A-Za-z]*):(\d{1,4})", re.ASCII)
_FORM = "write NAME=VALUE,VALUE,... or NAME=FIRST..LAST:COUNT, as kv-memory=20..80GiB:7"


@dataclass(frozen=True, slots=True)
class Setting:
    """An option of `pagereel replay` that can be varied."""

    field: str
    """Of `ReplayWishes`."""
    read: Callable[[str], Any]
    """What the field takes of a value's text. Raises ValueError."""
    takes: str
    """The values, in words."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One setting and its values, as they were written."""

    name: str
    """That of the option, or `LANE.NAME` of an engine setting."""
    values: tuple[str, ...]

    def concerns(self, lane: str) -> bool:
        """Whether it changes anything for a lane."""
        return self.name in SETTINGS or self.name.startswith(f"{lane}.")

    def number(self, value: str) -> float | None:
        """Where a value stands on an axis of a chart: bytes, or the number; None for a word."""
        if self.name == "kv-memory":
            return read_bytes(value)
        return float(value) if re.fullmatch(r"\d+(\.\d+)?", value) else None


def _amount(text: str) -> str:
    if read_bytes(text) is None:
        raise ValueError(text)
    return text


def _dtype(text: str) -> str:
    if text not in KV_DTYPES:
        raise ValueError(text)
    return text


def _between(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(text)
        return int(text)

    return read


def _milliseconds(text: str) -> float:
    value = float(text)
    if not 0.001 <= value <= 3_600_000:
        raise ValueError(text)
    return value


SETTINGS = {
    "kv-memory": Setting("kv_memory", _amount, "a number and a unit: 40GiB"),
    "block-size": Setting("block_size", _between(1, 65_536), "1 to 65,536 tokens"),
    "max-len": Setting("max_len", _between(1, 2**24), "1 to 16,777,216 tokens"),
    "model": Setting("model", str, "a model"),
    "tp": Setting("tensor", _between(1, 1024), "1 to 1,024 GPUs"),
    "pp": Setting("pipeline", _between(1, 1024), "1 to 1,024 stages"),
    "kv-dtype": Setting("kv_dtype", _dtype, ", ".join(KV_DTYPES)),
    "step-ms": Setting("step_ms", _milliseconds, "0.001 to 3,600,000 ms"),
}
"""By the name of the option, without its dashes."""


def read_axes(texts: Sequence[str], wishes: ReplayWishes) -> tuple[Axis, ...]:
    """What `--sweep` says. Raises `InputWrong` with all that is wrong."""
    axes: list[Axis] = []
    wrong: list[str] = []
    for text in texts:
        try:
            axis = _axis(text, wishes)
            if any(other.name == axis.name for other in axes):
                raise InputWrong(f"--sweep {shown(text)}: {axis.name} is swept twice")
            axes.append(axis)
        except InputWrong as problem:
            wrong.append(str(problem))
    if wrong:
        raise InputWrong("\n".join(wrong))
    return tuple(axes)


def _axis(text: str, wishes: ReplayWishes) -> Axis:
    name, equals, rest = text.partition("=")
    name = name.strip().removeprefix("--")
    if not equals or not name or not rest.strip():
        raise InputWrong(f"--sweep {shown(text)}: {_FORM}")
    if name not in SETTINGS and name.rpartition(".")[0] not in wishes.kinds:
        hint = did_you_mean(name, [*SETTINGS])
        told = f"{hint}, or an engine setting as {wishes.kinds[-1]}.max_num_seqs"
        raise InputWrong(f"--sweep {shown(text)}: {shown(name)} cannot be swept; {told}")
    field = SETTINGS[name].field if name in SETTINGS else None
    if field and getattr(wishes, field) is not None:
        raise InputWrong(f"--sweep {shown(text)}: --{name} is given as well; leave one out")
    values = _values(text, rest, whole=name not in ("kv-memory", "step-ms"))
    if len(values) > MOST_VALUES:
        raise InputWrong(f"--sweep {shown(text)}: {len(values):,} values; at most {MOST_VALUES}")
    for value in values:
        _check(text, name, value)
        if values.count(value) > 1:
            raise InputWrong(f"--sweep {shown(text)}: {value} is there twice")
    return Axis(name, values)


def _check(text: str, name: str, value: str) -> None:
    if name not in SETTINGS:
        return  # the lane says what it takes
    try:
        SETTINGS[name].read(value)
    except ValueError:
        takes = SETTINGS[name].takes
        raise InputWrong(f"--sweep {shown(text)}: {shown(value)} is not {takes}") from None


def _values(text: str, rest: str, *, whole: bool) -> tuple[str, ...]:
    """Those of a list, or evenly apart from the first to the last."""
    if ".." not in rest:
        return tuple(value.strip() for value in rest.split(","))
    match = _RANGE.fullmatch(rest.strip())
    try:
        first, last = float(match[1]), float(match[2]) if match else 0.0  # type: ignore[index]
    except (ValueError, TypeError):
        raise InputWrong(f"--sweep {shown(text)}: {_FORM}") from None
    assert match
    count = int(match[4])
    if count < 2 or not first < last or not math.isfinite(last):
        raise InputWrong(f"--sweep {shown(text)}: a range goes up, in 2 values or more")
    numbers = [first + (last - first) * place / (count - 1) for place in range(min(count, 10_000))]
    return tuple(f"{round(n) if whole else _short(n)}{match[3]}" for n in numbers)


def _short(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Combination:
    """One replay of a sweep: what is set, for one lane."""

    lane: str
    settings: tuple[tuple[str, str], ...]
    """By the axis, the value; of those that concern the lane."""
    wishes: ReplayWishes


def combinations(axes: Sequence[Axis], wishes: ReplayWishes) -> list[Combination]:
    """Every lane in every combination, the last axis fastest. Raises `InputWrong` for too many."""
    found: list[Combination] = []
    for lane in wishes.kinds:
        own = [axis for axis in axes if axis.concerns(lane)]
        count = math.prod(len(axis.values) for axis in own)
        if len(found) + count > MOST_REPLAYS:
            raise InputWrong(f"--sweep: more than {MOST_REPLAYS:,} replays; take fewer values")
        for values in product(*(axis.values for axis in own)):
            settings = tuple((axis.name, v) for axis, v in zip(own, values, strict=True))
            found.append(Combination(lane, settings, _wishes(wishes, lane, settings)))
    return found


def _wishes(wishes: ReplayWishes, lane: str, settings: Sequence[tuple[str, str]]) -> ReplayWishes:
    """A replay of that lane alone."""
    kept = [option for option in wishes.options if option.startswith(f"{lane}.")]
    given: dict[str, Any] = {}
    for name, value in settings:
        if name in SETTINGS:
            given[SETTINGS[name].field] = SETTINGS[name].read(value)
        else:
            kept.append(f"{name}={value}")
    return replace(wishes, lanes=lane, options=tuple(kept), **given)
