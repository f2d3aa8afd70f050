"""What a kind of lane is, in one record, and what a storyboard says of one lane of that kind.

Each record stands with its allocator; `kinds` collects them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pagereel.model.allocators.options import EngineOption, Option, OptionReader, read_windows
from pagereel.model.core.lane import Lane
from pagereel.model.recording.data import RecordedRun
from pagereel.model.replay.driver import ReplayLane, Stepped
from pagereel.model.usage.gauge import Gauge


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """What a storyboard says of one lane. Fields that a kind does not use are ignored by it."""

    name: str
    """How captions and beats refer to it."""
    kind: str
    """The name of a `LaneKind`: a key of `KINDS`."""
    title: str
    """What stands above it on screen."""
    slots: int
    """Token slots of K/V memory."""
    block_size: int = 16
    """Token slots a block; paged kinds and the Orca baselines."""
    max_len: int = 0
    """Tokens that the lane reserves for each request, or its largest chunk; contiguous kinds."""
    placement: str = "first-fit"
    """A key of `PLACEMENTS`; `contiguous` and `contiguous/dynamic`."""
    free_order: tuple[int, ...] = ()
    """Block ids in the order they are handed out at first; empty: the kind's own. Paged kinds.

    Ids start at the kind's `Paging.null_blocks`.
    """
    options: tuple[tuple[str, Option], ...] = ()
    """(name, value) of engine settings; each kind lists its own."""
    recorded: RecordedRun | None = None
    """What a lane of the kind `recorded` plays."""
    equals: str = ""
    """The lane whose states must be the recorded ones, at every step; empty: none."""


def group_count(spec: LaneSpec) -> int:
    """Groups of layers that have tables of their own in a lane of this kind: vLLM's, or one."""
    groups = dict(spec.options).get("kv_cache_groups")
    return 1 if groups is None else max(1, len(read_windows(groups)))


class FreedTo(NamedTuple):
    """Which freed blocks enter a free queue at its head, and which at its tail, in words.

    `freed` means all of them, an empty word none.
    """

    head: str = ""
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Paging:
    """How a paged kind deals with its blocks."""

    freed_to: Callable[[LaneSpec], FreedTo]
    """Where freed blocks enter the free queue of a lane with such settings."""
    null_blocks: int = 0
    """Blocks of the pool that no request gets; theirs are the first ids."""
    is_sharing: bool = False
    """Whether a block can stand in several tables."""


Build = Callable[[LaneSpec, OptionReader], Lane]
BuildForReplay = Callable[[LaneSpec, OptionReader], ReplayLane]


def no_settings(max_len: int) -> Mapping[str, Option]:
    """What a replay sets for a kind that has nothing to be set."""
    return {}


@dataclass(frozen=True, slots=True)
class LaneKind:
    """One kind of allocator: all that the program knows of it besides how it works."""

    name: str
    """How a storyboard and the command line call it."""
    system: str
    """The system it models, as shown on screen."""
    summary: str
    """What it claims, in one sentence."""
    build: Build
    """An empty lane, ready for requests. Closes the reader."""
    takes: tuple[str, ...]
    """What can be set for it besides its options: fields of `LaneSpec`, and keys of the file.

    `slots` and `max_len` must be set where they are taken.
    """
    options: Mapping[str, EngineOption] = field(default_factory=dict)
    """What each of its `LaneSpec.options` sets, in the order in which they are told."""
    obeys: tuple[str, ...] = ()
    """Verbs of a storyboard that not every lane can obey, and this one can."""
    paging: Paging | None = None
    """None: its memory is contiguous."""
    build_for_replay: BuildForReplay | None = None
    """The same lane for replays, with the kind's own free queue; None: it is never replayed."""
    replay_settings: Callable[[int], Mapping[str, Option]] = no_settings
    """What a replay sets for it, from the longest request's tokens, where nobody says otherwise."""

    def unlike_defaults(self, spec: LaneSpec) -> str:
        """How the lane is set otherwise than its engine is by default: `prefix caching off`."""
        given = dict(spec.options)
        told = (setting.in_words(given.get(name)) for name, setting in self.options.items())
        return ", ".join(text for text in told if text)

    @property
    def null_blocks(self) -> int:
        """Blocks of the pool that no request gets; the first usable id."""
        return self.paging.null_blocks if self.paging else 0


class _Gauged(Lane, Protocol):
    def gauge(self) -> Gauge:
        """What the lane holds now, more cheaply than by a snapshot."""
        ...


def stepped(build: Callable[[LaneSpec, OptionReader], _Gauged]) -> BuildForReplay:
    """How a lane is built for replays that takes every step and can say what it holds."""

    def build_for_replay(spec: LaneSpec, options: OptionReader) -> ReplayLane:
        lane = build(spec, options)
        return Stepped(lane, lane.gauge)

    return build_for_replay
