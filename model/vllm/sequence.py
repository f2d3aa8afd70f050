"""The mutable life of one request inside the engine."""

from __future__ import annotations

from model.request import Request
from model.state import BlockTable, Phase, RequestState
from model.vllm.prefix import PrefixKeys


class Sequence:
    """One request: its counters and its block table. Counts are tokens unless named otherwise."""

    __slots__ = (
        "_frozen",
        "_frozen_table",
        "computed",
        "due",
        "follows",
        "keys",
        "length_limit",
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

    def __init__(self, request: Request, number: int, block_size: int) -> None:
        self.request = request
        self.number = number
        """Position in the order of arrival, over all requests of the lane."""
        self.prompt = len(request.prompt)
        self.keys = PrefixKeys(request, block_size)
        self.phase = Phase.WAITING
        self.tokens = self.prompt
        """Prompt and output so far: len(r)."""
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
        # For model.vllm.leap: whether the counters follow its clock, from when, and until when.
        self.follows = False
        self.since_pass = 0
        self.since_answer = 0
        self.due = 0
        self._frozen: RequestState | None = None
        self._frozen_table: BlockTable | None = None

    @property
    def rank(self) -> tuple[int, int, int]:
        """Policy `priority`: the waiting queue's order, smallest first (S10)."""
        return (self.request.priority, self.request.arrival, self.number)

    def freeze(self) -> RequestState:
        """The frozen state now; the same object as long as nothing changed."""
        kept = self._frozen
        if (
            kept is None
            or kept.computed != self.computed
            or kept.sampled != self.sampled
            or kept.phase is not self.phase
            or kept.refusals != self.refusals
        ):
            request = self.request
            kept = self._frozen = RequestState(
                request.id,
                self.phase,
                self.prompt,
                self.sampled,
                self.computed,
                request.final_entries,
                self.refusals,
            )
        return kept

    def freeze_table(self) -> BlockTable:
        """The frozen block table now; the same object as long as nothing changed."""
        kept = self._frozen_table
        if kept is None or len(kept.blocks) != len(self.table) or self.skipped:
            kept = self._frozen_table = BlockTable(self.request.id, tuple(self.table))
        return kept

    def thaw_table(self) -> None:
        """Forget the frozen table: the block table starts anew."""
        self._frozen_table = None
