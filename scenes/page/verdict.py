"""How the lanes compare by a moment, as a table of numbers and in words: a page's verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pagereel.model.readings.balance import Balance
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.scenes.shapes.typeface import visible

Named = tuple[str, Balance]
"""A lane's title, and what it has come to."""


_PERCENT = "\N{NO-BREAK SPACE}%"


def verdict(storyboard: Storyboard, lanes: Sequence[Balance]) -> dict[str, Any]:
    """`rows`, each a label and a value a lane, and `said`, the verdict's sentences."""
    titles = {spec.name: visible(spec.title) for spec in storyboard.lanes}
    named = [(titles[lane.lane], lane) for lane in lanes]
    total = len(storyboard.requests)
    rows = [[label, *(told(lane, total) for lane in lanes)] for label, told in _ROWS.items()]
    return {"rows": rows, "said": [*_said(named, total)]}


_ROWS: dict[str, Callable[[Balance, int], str]] = {
    "Answered": lambda lane, total: f"{lane.finished} of {total}",
    "Running": lambda lane, _: str(lane.now.running),
    "Waiting": lambda lane, _: str(lane.waiting),
    "Slots held": lambda lane, _: str(lane.held),
    "In use": lambda lane, _: _share(lane.now.utilisation),
    "Steps with a refusal": lambda lane, _: str(lane.now.refused),
    "Preemptions": lambda lane, _: str(lane.preemptions),
    "Tokens computed again": lambda lane, _: str(lane.now.recomputed),
    "Slots copied": lambda lane, _: str(lane.now.copied),
    "Block table entries": lambda lane, _: str(lane.now.table_entries),
}


def _share(percent: float | None) -> str:
    return "–" if percent is None else f"{percent:.0f}{_PERCENT}"


def _said(lanes: Sequence[Named], total: int) -> Iterator[str]:
    if all(lane.slots_held == 0 for _, lane in lanes):
        yield "Nobody has been let in yet."
        return
    is_over = all(lane.ended == total for _, lane in lanes)
    if is_over:
        yield from _gained(lanes)
    yield from _served(lanes, is_over)
    yield _compared(lanes, lambda lane: lane.most_running, _AT_ONCE)
    yield from _used(lanes)
    for title, lane in lanes:
        yield from _paid(title, lane)


@dataclass(frozen=True, slots=True)
class _Phrase:
    """How a number is said of one lane, of each one after it, and of all if they are alike."""

    one: str
    other: str
    all: str


_DONE = _Phrase("was done at step {}", "at step {}", "were done at step {}")
_ANSWERED = _Phrase("has answered {}", "{}", "have answered {}")
_AT_ONCE = _Phrase("has had up to {} at once", "{}", "have had up to {} at once")


def _served(lanes: Sequence[Named], is_over: bool) -> Iterator[str]:
    """Who was done sooner, or has answered more."""
    if is_over:
        yield _compared(lanes, lambda lane: -lane.done_at, _DONE)
    elif any(lane.finished for _, lane in lanes):
        yield _compared(lanes, lambda lane: lane.finished, _ANSWERED)


def _compared(lanes: Sequence[Named], rank: Callable[[Balance], int], phrase: _Phrase) -> str:
    """The lanes' numbers, the better one first; one number if all are alike."""
    ranked = sorted(lanes, key=lambda named: rank(named[1]), reverse=True)
    (title, best), *others = [(title, abs(rank(lane))) for title, lane in ranked]
    if others and all(number == best for _, number in others):
        return f"{'Both' if len(lanes) == 2 else 'All'} {phrase.all.format(best)}."
    rest = "".join(f", {name} {phrase.other.format(number)}" for name, number in others)
    return f"{title} {phrase.one.format(best)}{rest}."


def _used(lanes: Sequence[Named]) -> Iterator[str]:
    """How much of what each held has stored anything."""
    shares = [(title, lane.use) for title, lane in lanes if lane.use is not None]
    ranked = sorted(shares, key=lambda share: share[1], reverse=True)
    if ranked:
        (title, best), *others = ranked
        rest = "".join(f", {name} {share:.0f}{_PERCENT}" for name, share in others)
        yield f"Of the slots that it held, {title} has used {best:.0f}{_PERCENT}{rest}."


def _paid(title: str, lane: Balance) -> Iterator[str]:
    if lane.now.refused:
        yield f"{title} had no room for the next request at {_steps(lane.now.refused)}."
    if lane.preemptions:
        again = lane.now.recomputed
        then = f" {_count(again, 'token')} had to be computed again." if again else ""
        times = "once" if lane.preemptions == 1 else f"{lane.preemptions} times"
        yield f"{title} ran out of memory and took a request’s memory away {times}.{then}"
    if lane.now.copied:
        yield f"{title} has copied {_count(lane.now.copied, 'slot')}."
    if lane.is_paged and lane.now.table_entries:
        entries = "entry" if lane.now.table_entries == 1 else "entries"
        yield (
            f"{title} pays with block tables: {lane.now.table_entries} {entries} now, "
            "looked up at every step."
        )


def _gained(lanes: Sequence[Named]) -> Iterator[str]:
    """Whether blocks were worth it, where there is a lane of each sort."""
    paged = next((named for named in lanes if named[1].is_paged), None)
    whole = next((named for named in lanes if not named[1].is_paged), None)
    if paged is None or whole is None:
        return
    (name, blocks), (title, pieces) = paged, whole
    held = f"{name} held {blocks.most_held} slots at most, {title} {pieces.most_held}."
    if blocks.done_at < pieces.done_at:
        saved = _steps(pieces.done_at - blocks.done_at)
        yield f"Paging gains {saved} here."
    elif blocks.done_at > pieces.done_at:
        lost = _steps(blocks.done_at - pieces.done_at)
        yield f"Paging loses {lost} here: letting everybody in was too much for this memory."
    elif blocks.most_held < pieces.most_held:
        yield f"Paging gains no time here: the last answer comes at the same step. {held}"
    else:
        yield "Paging gains nothing here, and its block tables are extra work."


def _steps(number: int) -> str:
    return _count(number, "step")


def _count(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"
