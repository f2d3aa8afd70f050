"""Where a shot's numbers come from: whether the lanes' state is in them, and whom they quote."""

from __future__ import annotations

from collections.abc import Iterable

from pagereel.model.readings.readings import QUOTED, named_in
from pagereel.model.storyboard.quotes import QUOTES, Quote
from pagereel.model.storyboard.storyboard import Shot


def quotes_of(shot: Shot) -> tuple[Quote, ...]:
    """What a shot quotes: on its card, or in what it says, once each."""
    named = (name.split(".") for name in _named(shot))
    said = [quote for head, quote, *_ in (parts for parts in named if parts[1:]) if head == QUOTED]
    drawn = [shot.quote] if shot.quote else []
    return tuple(QUOTES[name] for name in dict.fromkeys((*drawn, *said)))


def labels(quotes: Iterable[Quote]) -> str:
    """Where quotes stand, in a few words; places in one work together."""
    found: dict[str, list[str]] = {}
    for quote in quotes:
        work, _, place = quote.label.partition(", ")
        places = found.setdefault(work, [])
        if place and place not in places:
            places.append(place)
    return "; ".join(", ".join((work, *places)) for work, places in found.items())


def shows_state(shot: Shot) -> bool:
    """Whether anything on a shot's frame was computed: lanes, or a number that is filled in."""
    says = any(name.split(".")[0] != QUOTED for name in _named(shot))
    formula = shot.define is not None and shot.define.formula != ""
    return says or formula or shot.card not in ("quoted", "definition", "chart")


def _named(shot: Shot) -> tuple[str, ...]:
    """Every reading that a shot's texts name."""
    texts = [shot.say, *(remark.text for remark in shot.callouts)]
    texts += [shot.define.text] if shot.define else []
    return tuple(name for text in texts for name in named_in(text))
