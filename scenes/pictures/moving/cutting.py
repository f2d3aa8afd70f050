"""A lane that enters takes its entries from one that is there: memory is cut, not drawn twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pagereel.model.core.state import PagedMemory
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.pictures.moving.origins import Origin, keys
from pagereel.scenes.shapes.picture import Picture

Piece = tuple[tuple[Origin, ...], str]
"""The entries of one block, each with where it comes from; and the key of its table's row."""


def cut(moment: Moment, before: frozenset[str], picture: Picture) -> Picture:
    """The picture, in which lanes that were not there before take from those that were.

    Each block's entries fly together, in the order of the tables; where they land, the table's row
    is written.
    """
    there = [step for step in moment.step.lanes if f"lane {step.lane}" in before]
    new = [step for step in moment.step.lanes if _enters(moment, step, before)]
    pieces = [piece for step in new for piece in _pieces(moment, step, there)]
    if not pieces or picture.origins:
        return picture
    origins: list[Origin] = []
    waves: list[tuple[str, float]] = []
    rows = _under(picture, {row for _, row in pieces})
    for place, (entries, row) in enumerate(pieces):
        share = place / max(len(pieces) - 1, 1)
        for key, origin in entries:
            origins += [(key, origin), (f"{key}/word", f"{origin}/word")]
            waves.append((key, share))
        waves += [(key, share) for key in rows.get(row, ())]
    return replace(picture, origins=tuple(origins), waves=tuple(waves))


def dive(moment: Moment, picture: Picture) -> Picture:
    """The picture, in which a token that a card shows large grows out of the slot of another lane
    that holds it too, or goes back there."""
    there = {shape.key for shape in picture.shapes}
    lanes = moment.step.lanes
    pairs = [
        (mine[at], theirs[at])
        for step in lanes
        for other in lanes
        if other is not step
        for name in step.state.running
        if _holds(step, name) and _holds(other, name)
        for mine in [dict(keys(moment, step, name, _stored(step, name)))]
        for theirs in [dict(keys(moment, other, name, _stored(other, name)))]
        for at in mine.keys() & theirs.keys()
    ]
    origins = [pair for pair in pairs if pair[0] in there and pair[1] not in there]
    ways = [pair for pair in pairs if pair[0] not in there and pair[1] in there]
    both = [[(a + part, b + part) for a, b in found for part in ("", "/word")]
            for found in (origins, ways)]  # fmt: skip
    return replace(
        picture,
        origins=(*picture.origins, *both[0]),
        departures=(*picture.departures, *both[1]),
    )


def _under(picture: Picture, heads: set[str]) -> dict[str, list[str]]:
    """The keys of the picture's shapes by those of these that they stand under, or are."""
    found: dict[str, list[str]] = {}
    for shape in picture.shapes:
        head = shape.key
        while head:
            if head in heads:
                found.setdefault(head, []).append(shape.key)
            head = head.rpartition("/")[0]
    return found


def _enters(moment: Moment, step: LaneStep, before: frozenset[str]) -> bool:
    name = f"lane {step.lane}"
    return moment.is_visible(name) and name not in before


def _pieces(moment: Moment, step: LaneStep, there: list[LaneStep]) -> Iterator[Piece]:
    """The blocks of a lane that hold what another lane holds too."""
    memory = step.state.memory
    if not isinstance(memory, PagedMemory):
        return
    for table in memory.tables:
        source = next((other for other in there if _holds(other, table.request)), None)
        if source is None:
            continue
        mine = dict(keys(moment, step, table.request, _stored(step, table.request)))
        theirs = dict(keys(moment, source, table.request, _stored(source, table.request)))
        for row in range(len(table.blocks)):
            span = range(row * memory.block_size, (row + 1) * memory.block_size)
            both = tuple((mine[at], theirs[at]) for at in span if at in mine and at in theirs)
            if both:
                yield both, f"lane/{step.lane}/table/{table.request}/{row}"


def _holds(step: LaneStep, name: str) -> bool:
    return any(holder.id == name and holder.computed for holder in step.state.requests)


def _stored(step: LaneStep, name: str) -> range:
    return range(step.state.holder(name).computed)
