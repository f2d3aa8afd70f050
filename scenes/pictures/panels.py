"""Every card and panel by its name in storyboards: what the model lists is drawn here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pagereel.scenes.pictures.above.arrivals import arrivals
from pagereel.scenes.pictures.above.beams import beams
from pagereel.scenes.pictures.above.prompt import prompt
from pagereel.scenes.pictures.above.scheduling import scheduling
from pagereel.scenes.pictures.beside.freequeue import free_queue
from pagereel.scenes.pictures.beside.gauges import gauges
from pagereel.scenes.pictures.beside.history import history, history_card
from pagereel.scenes.pictures.beside.holes import holes
from pagereel.scenes.pictures.beside.metrics import metrics
from pagereel.scenes.pictures.cards.attention.card import attention_card, attention_words
from pagereel.scenes.pictures.cards.attention.stages import stage_count
from pagereel.scenes.pictures.cards.budget import budget_card, budget_stages
from pagereel.scenes.pictures.cards.definition import definition_card
from pagereel.scenes.pictures.cards.end import end_card
from pagereel.scenes.pictures.cards.layers import layers_card
from pagereel.scenes.pictures.cards.levels.card import levels_card, levels_in_words
from pagereel.scenes.pictures.cards.levels.journey import levels_passed
from pagereel.scenes.pictures.cards.quoted import quoted_card, quoted_stages
from pagereel.scenes.pictures.cards.race import race_card, race_in_words
from pagereel.scenes.pictures.cards.recap import recap_card
from pagereel.scenes.pictures.cards.retelling import retold, retold_stages
from pagereel.scenes.pictures.cards.wholereplay import replay_card, replay_stages
from pagereel.scenes.pictures.charts.chart import chart_card, chart_stages, is_sweep
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import Box, Shape

Panel = Callable[[Moment, Box], Iterator[Shape]]


def _one(moment: Moment) -> int:
    return 1


def _never(moment: Moment) -> bool:
    return False


def _always(moment: Moment) -> bool:
    return True


def _nothing(moment: Moment) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class CardPicture:
    """How a card is drawn."""

    draw: Panel
    stages: Callable[[Moment], int] = _one
    """In how many pictures it shows a moment, one after the other: `Moment.stage` says which."""
    words: Callable[[Moment], Iterable[str]] = _nothing
    """What it says beside headline, caption and lanes, for those who cannot see it."""
    is_inset: bool = False
    """Whether it lies over the lanes, and they stay."""
    is_even: bool = False
    """Whether its stages share the time that what is said takes; else the last one has it."""
    is_lapse: Callable[[Moment], bool] = _never
    """Whether its stages follow each other as the moments of a time lapse do."""


CARDS = {
    "recap": CardPicture(recap_card),
    "chart": CardPicture(chart_card, chart_stages, is_lapse=is_sweep),
    "quoted": CardPicture(quoted_card, quoted_stages),
    "definition": CardPicture(definition_card, is_inset=True),
    "end": CardPicture(end_card, is_inset=True),
    "history": CardPicture(retold(history_card), retold_stages, is_lapse=_always),
    "layers": CardPicture(layers_card),
    "attention": CardPicture(attention_card, stage_count, attention_words),
    "budget": CardPicture(budget_card, budget_stages),
    "levels": CardPicture(levels_card, levels_passed, levels_in_words, is_even=True),
    "race": CardPicture(retold(race_card), retold_stages, race_in_words, is_lapse=_always),
    "replay": CardPicture(replay_card, replay_stages),
}
"""Cards that fill the frame between headline and caption."""

ABOVE: dict[str, Panel] = {
    "prompt": prompt,
    "queue": scheduling,
    "beams": beams,
    "arrivals": arrivals,
}

BESIDE: dict[str, Panel] = {
    "metrics": metrics,
    "history": history,
    "gauges": gauges,
    "free-queue": free_queue,
    "holes": holes,
}
