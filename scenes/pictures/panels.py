"""Every card and panel by its name in storyboards: what `model.panels` lists is drawn here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scenes.pictures.arrivals import arrivals
from scenes.pictures.cards import recap_card
from scenes.pictures.chart import chart_card
from scenes.pictures.definition import definition_card
from scenes.pictures.metrics import metrics
from scenes.pictures.moment import Moment
from scenes.pictures.prompt import prompt
from scenes.pictures.wholereplay import replay_card
from scenes.shapes import Box, Shape

Panel = Callable[[Moment, Box], Iterator[Shape]]

CARDS: dict[str, Panel] = {
    "recap": recap_card,
    "chart": chart_card,
    "definition": definition_card,
    "replay": replay_card,
}
"""Cards that fill the frame between headline and caption."""

ABOVE: dict[str, Panel] = {"prompt": prompt, "arrivals": arrivals}

BESIDE: dict[str, Panel] = {"metrics": metrics}
