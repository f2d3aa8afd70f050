"""The mutable life of one request inside the engine."""

from __future__ import annotations

from pagereel.model.allocators.vllm.block_hash import BlockHashes
from pagereel.model.allocators.vllm.config import VllmConfig
from pagereel.model.core.request import Request
from pagereel.model.core.state import BlockTable, Phase, RequestState


class GroupTable:
    """Of one group of layers: a request's blocks. With one group all stands in the request."""

    __slots__ = ("blocks", "frozen", "num_cached_blocks", "num_skipped_blocks")

    def __init__(self) -> None:
        self.blocks: list[int] = []
        self.num_cached_blocks = self.num_skipped_blocks = 0
        self.frozen: BlockTable | None = None

    def freeze(self, request_id: str, group: int) -> BlockTable:
        """The frozen table now, the same one until someone changes it."""
        self.frozen = self.frozen or BlockTable(request_id, tuple(self.blocks), group)
        return self.frozen


class VllmRequest:
    """vLLM's `Request` (v1/request.py), with what its managers keep by request.

    Counts are tokens unless named otherwise. What has no vLLM name is ours: for snapshots, replays
    and counts.
    """

    __slots__ = (
        "arrival",
        "block_hashes",
        "block_table",
        "due",
        "end",
        "engine_id",
        "final",
        "follows",
        "frozen",
        "frozen_table",
        "group",
        "group_tables",
        "num_cached_blocks",
        "num_computed_tokens",
        "num_in_flight_tokens",
        "num_output_placeholders",
        "num_output_tokens",
        "num_prompt_tokens",
        "num_skipped_blocks",
        "num_stale_output_tokens",
        "num_tokens",
        "number",
        "place",
        "priority",
        "reached",
        "refusals",
        "request_id",
        "shared_prefix_boundary",
        "since_answer",
        "since_pass",
        "status",
    )

    def __init__(self, request: Request, group: str, number: int, config: VllmConfig) -> None:
        self.request_id = self.engine_id = request.id
        """`engine_id` is what vLLM calls it: 0_A for A1, the first of several samples of A (V1)."""
        self.group = group
        """The request that it is a sample of; its own id if there is only one."""
        self.priority, self.arrival = request.priority, request.arrival
        self.number = number
        """Position in the order of arrival; the samples of one request share theirs (S10)."""
        self.num_prompt_tokens = len(request.prompt)
        self.block_hashes = BlockHashes(request, config.block_size)
        self.status = Phase.WAITING
        self.num_tokens = self.num_prompt_tokens
        """Prompt and output so far: len(r)."""
        self.final = request.final_entries
        self.end = min(self.num_prompt_tokens + len(request.output), config.length_limit)
        """`num_tokens` when it finishes (T4)."""
        self.num_output_tokens = 0
        self.num_computed_tokens = 0
        """Tokens whose K/V is computed or scheduled: done(r)."""
        self.num_output_placeholders = 0
        """Tokens that are being sampled; with asynchronous scheduling alone, as the next two."""
        self.num_in_flight_tokens = 0
        """Tokens scheduled by passes that were not answered yet."""
        self.num_stale_output_tokens = 0
        """Of these, tokens scheduled before it was preempted."""
        self.reached = 0
        """The most it had computed before it was last preempted; what is below is recomputed."""
        self.block_table: list[int] = []
        """Its block ids in order; `req_to_blocks` of vLLM's managers."""
        self.group_tables: list[GroupTable] = []
        """The same by group, while it runs, where there are several groups of layers (G)."""
        self.shared_prefix_boundary = 0
        """The junction of its last lookup, in blocks (G2)."""
        self.num_cached_blocks = 0
        """Leading blocks that are cached or passed over for good (C3, W5): `num_cached_block`."""
        self.num_skipped_blocks = 0
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
    def urgency(self) -> tuple[int, int, int]:
        """Policy `priority`: who has the largest is preempted (S10)."""
        return (self.priority, self.arrival, self.number)

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """Policy `priority`: the waiting queue's order, smallest first (S10)."""
        return (*self.urgency, self.engine_id)

    def freeze(self) -> RequestState:
        """The frozen state now, kept in `frozen` until someone changes a counter or the status."""
        self.frozen = RequestState(
            self.request_id,
            self.status,
            self.num_prompt_tokens,
            self.num_output_tokens,
            self.num_computed_tokens,
            self.final,
            self.refusals,
        )
        return self.frozen

    def freeze_table(self) -> BlockTable:
        """The frozen block table now, kept in `frozen_table` until someone changes the table."""
        self.frozen_table = BlockTable(self.request_id, tuple(self.block_table))
        return self.frozen_table
