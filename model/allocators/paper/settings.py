"""What the paper's engine can be told, what it cannot serve, and where it fails."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pagereel.model.allocators.paper.tables import BlockTables
from pagereel.model.core.lane import Refusal, TooLarge
from pagereel.model.core.request import Request


class SwapFull(Refusal):
    """A group must be swapped out and the CPU pool cannot hold it; the old engine failed here.

    The paper (4.5) bounds the CPU pool by the GPU's, since nothing is admitted while something is
    swapped (B16). That does not quite hold: groups that go on running grow into what was freed
    and may be swapped out themselves, larger than they were.
    """

    def __init__(self, request: str, needed: int, free: int) -> None:
        super().__init__(f"swapping out {request} needs {needed} CPU blocks, {free} are free")
        self.request, self.needed, self.free = request, needed, free


class Preemption(StrEnum):
    """How a preempted group is to get its K/V back."""

    AUTO = "auto"
    """B14: recompute where one sequence runs, swap where several do."""
    SWAP = "swap"
    """Always swap."""


@dataclass(frozen=True, slots=True)
class PaperSettings:
    """What the engine can be told; the defaults are the old system's."""

    watermark: float = 0.01
    """Share of the pool that admission and swap-in leave free."""
    max_num_seqs: int = 256
    """Sequences that run at once."""
    max_num_batched_tokens: int = 2560
    """Tokens a step computes: one for each running sequence, and whole prompts."""
    preemption: Preemption = Preemption.AUTO

    def watermark_blocks(self, block_count: int) -> int:
        """Blocks that admission leaves free, rounded down (B3)."""
        return int(self.watermark * block_count)


def check(request: Request, tables: BlockTables, settings: PaperSettings) -> None:
    """Raise `TooLarge` if the group could not be sure to finish even alone."""
    size, count = tables.block_size, tables.num_gpu_blocks
    blocks = _largest(request, tables) + settings.watermark_blocks(count)
    if blocks > count:
        raise TooLarge(request.id, blocks * size, count * size)
    final = request.final_entries
    if final > settings.max_num_batched_tokens:
        raise TooLarge(request.id, final, settings.max_num_batched_tokens)


def _largest(request: Request, tables: BlockTables) -> int:
    """Blocks that the group's steps may ask for, sharing nothing but the prompt's full blocks.

    Just before its sequences' ends: a lone one must be admitted again (B3), and several must each
    find a free block as well (B6, B15).
    """
    prompt = len(request.prompt)
    shared = prompt // tables.block_size
    ends = [prompt + len(request.output_of(place)) - 1 for place in range(request.width)]
    asked = tables.blocks_for(prompt)
    for end in ends:
        live = sum(other >= end for other in ends)
        if live == 1:
            asked = max(asked, tables.blocks_for(end))
        elif end > prompt:
            own = tables.blocks_for(end - 1) - shared
            asked = max(asked, shared + live * (own + 1))
    return asked
