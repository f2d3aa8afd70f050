"""What a whole group may ask of the block tables, and what is then done for each sequence."""

from __future__ import annotations

from collections.abc import Sequence

from pagereel.model.allocators.groups import BeamFork, SequenceGroup
from pagereel.model.allocators.paper.settings import SwapFull
from pagereel.model.allocators.paper.tables import BlockTables
from pagereel.model.core.events import BeamDropped, Event, Refused, SequenceForked, SwappedIn
from pagereel.model.usage.occupancy import Split


class BlockSpaceManager:
    """Ask, then act, as in vLLM 0.1.0: `can_allocate` before `allocate`, and so on."""

    def __init__(self, tables: BlockTables, watermark_blocks: int) -> None:
        self._tables, self.watermark_blocks = tables, watermark_blocks
        self.freeze = tables.memory

    def can_allocate(self, group: SequenceGroup) -> bool:
        """B3: the prompt's blocks, counted once, leave the watermark free."""
        return self._needed(group) <= self._tables.get_num_free_gpu_blocks()

    def allocate(self, group: SequenceGroup) -> tuple[Event, ...]:
        """B4: the prompt's blocks are taken once, for all sequences."""
        return self._tables.allocate(names(group), group.tokens)

    def refusal(self, group: SequenceGroup) -> Refused:
        """Why `can_allocate` said no, in token slots."""
        size = self._tables.block_size
        free = self._tables.get_num_free_gpu_blocks() * size
        return Refused(group.request.id, self._needed(group) * size, free, free)

    def can_append_slot(self, group: SequenceGroup) -> bool:
        """B6: a free block for each sequence, whether or not it will need one."""
        return len(group.live) <= self._tables.get_num_free_gpu_blocks()

    def can_append_all(self, groups: Sequence[SequenceGroup]) -> bool:
        """Whether `can_append_slot` will hold for each of these in turn, and a lone one after."""
        sequences = [len(group.live) for group in groups]
        return sum(sequences) + max(sequences, default=1) <= self._tables.get_num_free_gpu_blocks()

    def append_slot(self, group: SequenceGroup) -> tuple[Event, ...]:
        """B7, in group order."""
        tables = self._tables
        return tuple(e for name in names(group) for e in tables.append_slot(name, group.tokens))

    def can_swap_in(self, group: SequenceGroup) -> bool:
        """B15: its distinct blocks and one more for each sequence leave the watermark free."""
        needed = self.block_count(group) + len(group.live)
        return self._tables.get_num_free_gpu_blocks() - needed >= self.watermark_blocks

    def swap_in(self, group: SequenceGroup) -> tuple[Event, ...]:
        """Bring all of the group's blocks back."""
        moved = self._tables.swap_in(names(group))
        return (SwappedIn(group.request.id, len(moved)), *moved)

    def can_swap_out(self, group: SequenceGroup) -> bool:
        """B15: the CPU pool has room for the group's distinct blocks."""
        return self.block_count(group) <= self._tables.get_num_free_cpu_blocks()

    def swap_out(self, group: SequenceGroup) -> tuple[Event, ...]:
        """Move all of the group's blocks to the CPU. Raises `SwapFull` (B15)."""
        if not self.can_swap_out(group):
            blocks, free = self.block_count(group), self._tables.get_num_free_cpu_blocks()
            raise SwapFull(group.request.id, blocks, free)
        return self._tables.swap_out(names(group))

    def fork(self, fork: BeamFork) -> tuple[Event, ...]:
        """B10: the dropped beam's blocks are freed first, then its name takes its parent's."""
        parent, child = fork.parent.id, fork.child.id
        freed = self._tables.free(child)
        shared = self._tables.fork(parent, child)
        return (BeamDropped(child), *freed, SequenceForked(parent, child), *shared)

    def free(self, group: SequenceGroup) -> tuple[Event, ...]:
        """B8, for every sequence that still runs."""
        return tuple(event for name in names(group) for event in self._tables.free(name))

    def free_sequence(self, name: str) -> tuple[Event, ...]:
        """B8, for one that ends before the others."""
        return self._tables.free(name)

    def block_count(self, group: SequenceGroup) -> int:
        """Blocks that the group holds; a shared one counts once."""
        return self._tables.distinct(names(group))

    def room(self, group: SequenceGroup) -> int:
        """Steps from now on that need no further block, where the group is one sequence."""
        slots = self.block_count(group) * self._tables.block_size
        return slots - group.tokens + 1

    def filled(self, group: SequenceGroup) -> int:
        """Slots of the group's blocks with K/V in them; a shared one counts once."""
        return self._tables.filled(names(group), group.computed)

    def split(self, stored: int) -> Split:
        """Where every slot is, `stored` of them with K/V: `split` of a state, from counts."""
        size, free = self._tables.block_size, self._tables.get_num_free_gpu_blocks()
        held = (self._tables.num_gpu_blocks - free) * size
        return Split(stored, 0, held - stored, 0, 0, free * size)

    def _needed(self, group: SequenceGroup) -> int:
        return self._tables.blocks_for(group.tokens) + self.watermark_blocks


def names(group: SequenceGroup) -> tuple[str, ...]:
    """The sequences that still run, in group order: whose tables these are."""
    return tuple(sequence.id for sequence in group.live)
