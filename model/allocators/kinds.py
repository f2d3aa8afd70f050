"""Every kind of lane by name, and how one is built. A new kind is a line here."""

from __future__ import annotations

from dataclasses import replace

from pagereel.model.allocators.contiguous.dynamic import DYNAMIC
from pagereel.model.allocators.contiguous.orca import ORCA_MAX, ORCA_ORACLE, ORCA_POW2
from pagereel.model.allocators.contiguous.pool import CONTIGUOUS
from pagereel.model.allocators.contiguous.static import STATIC
from pagereel.model.allocators.lane_kind import LaneKind, LaneSpec
from pagereel.model.allocators.options import OptionReader
from pagereel.model.allocators.paged import PAGED
from pagereel.model.allocators.paper.engine import PAPER
from pagereel.model.allocators.recorded import RECORDED
from pagereel.model.allocators.transformers_paged import TRANSFORMERS_PAGED
from pagereel.model.allocators.vllm.kind import VLLM
from pagereel.model.core.lane import Lane
from pagereel.model.replay.driver import ReplayLane

KINDS: dict[str, LaneKind] = {
    kind.name: kind
    for kind in (
        *(CONTIGUOUS, ORCA_MAX, ORCA_POW2, ORCA_ORACLE, STATIC, DYNAMIC),
        *(PAGED, PAPER, VLLM, TRANSFORMERS_PAGED),
        RECORDED,
    )
}
REPLAYED = {name: kind for name, kind in KINDS.items() if kind.build_for_replay}
"""Those that a replay can send requests through."""


def _nicknames() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for kind in REPLAYED.values():
        word = kind.system.split()[0].casefold()
        found[word] = (*found.get(word, ()), kind.name)
    return found | {name.rpartition("/")[2]: (name,) for name in REPLAYED if "/" in name}


NICKNAMES = _nicknames()
"""Kinds by what people say for them: the system (`orca`), or the last part of the name (`vllm`)."""


def kind_of(spec: LaneSpec) -> LaneKind:
    """The kind whose states a lane shows: its own, or what was recorded, and says so.

    A recorded lane has the memory of the kind that it plays, and none of its verbs. Raises
    KeyError.
    """
    run = spec.recorded
    if run is None:
        return KINDS[spec.kind]
    played = replace(KINDS[run.kind], obeys=(), build_for_replay=None)
    if run.source:
        summary = "States of the real engine, as recorded."
        return replace(played, system=f"recorded: {run.source}", summary=summary)
    return replace(played, system=f"recorded model: {run.system}")


def build(spec: LaneSpec) -> Lane:
    """An empty lane, ready for requests.

    Raises KeyError (kind, placement), `BadOptions`, and ValueError for a `max_len` that is missing
    or that an Orca baseline cannot halve.
    """
    return KINDS[spec.kind].build(spec, OptionReader(spec.kind, spec.options))


def build_for_replay(spec: LaneSpec) -> ReplayLane:
    """The same for replays. Some leap over steps that only count, the others take every step.

    Raises KeyError also for a kind that is never replayed.
    """
    made = REPLAYED[spec.kind].build_for_replay
    assert made, "it is among those that are replayed"
    return made(spec, OptionReader(spec.kind, spec.options))
