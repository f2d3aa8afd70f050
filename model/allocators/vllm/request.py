"""The mutable life of one request inside the engine."""

from __future__ import annotations

from pagereel.model.allocators.vllm.block_hash import PrefixKeys
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.core.request import Request
from pagereel.model.core.state import BlockTable, Phase, RequestState


class Sequence:
    """One request: its counters and its block table. Counts are tokens unless named otherwise."""

    __slots__ = (
        "computed",
        "due",
        "end",
        "final",
        "follows",
        "frozen",
        "frozen_table",
        "group",
        "keys",
        "number",
        "phase",
        "place",
        "prompt",
        "published",
        "reached",
        "refusals",
        "request",
        "sampled",
        "since_answer",
        "since_pass",
        "skipped",
        "table",
        "tokens",
    )

    def __init__(self, request: Request, group: str, number: int, config: VllmConfig) -> None:
        self.request = request
        self.group = group
        """The request that it is a sample of; its own id if there is only one."""
        self.number = number
        """Position in the order of arrival, over all requests of the lane."""
        self.prompt = len(request.prompt)
        self.keys = PrefixKeys(request, config.block_size)
        self.phase = Phase.WAITING
        self.tokens = self.prompt
        """Prompt and output so far: len(r)."""
        self.final = request.final_entries
        self.end = min(self.prompt + len(request.output), config.length_limit)
        """`tokens` when it finishes (T4)."""
        self.sampled = 0
        self.computed = 0
        """Tokens whose K/V is computed or scheduled: done(r)."""
        self.reached = 0
        """The most it had computed before it was last preempted; what is below is recomputed."""
        self.table: list[int] = []
        self.published = 0
        """Leading blocks that are published or passed over for good (C3, W5)."""
        self.skipped = 0
        """Leading null entries of the table (W6)."""
        self.refusals = 0
        """Steps at which it was the head of the queue and did not fit."""
        self.place = 0
        """Grows along the running list: the number of the admission."""
        # For replays that leap: whether the counters follow its clock, from when, and until when.
        self.follows = False
        self.since_pass = 0
        self.since_answer = 0
        self.due = 0
        self.frozen: RequestState | None = None
        self.frozen_table: BlockTable | None = None

    @property
    def rank(self) -> tuple[int, int, int]:
        """Policy `priority`: the waiting queue's order, smallest first (S10)."""
        return (self.request.priority, self.request.arrival, self.number)

    def freeze(self) -> RequestState:
        """The frozen state now, kept in `frozen` until someone changes a counter or the phase."""
        self.frozen = RequestState(
            self.request.id,
            self.phase,
            self.prompt,
            self.sampled,
            self.computed,
            self.final,
            self.refusals,
        )
        return self.frozen

    def freeze_table(self) -> BlockTable:
        """The frozen block table now, kept in `frozen_table` until someone changes the table."""
        self.frozen_table = BlockTable(self.request.id, tuple(self.table))
        return self.frozen_table
