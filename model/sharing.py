"""What sharing saves: blocks that would be needed if no table shared a block with another."""

from __future__ import annotations

from dataclasses import dataclass

from model.state import PagedMemory


@dataclass(frozen=True, slots=True)
class Sharing:
    """Blocks in use, with and without sharing."""

    held: int
    """Distinct blocks that the tables hold."""
    unshared: int
    """Blocks that they would hold if each table had its own."""

    @property
    def saved(self) -> int:
        """Blocks that sharing saves."""
        return self.unshared - self.held

    @property
    def saving(self) -> float:
        """Blocks saved / blocks without sharing: the paper's measure (section 6.3). 0 if empty."""
        return self.saved / self.unshared if self.unshared else 0.0


def sharing(memory: PagedMemory) -> Sharing:
    """Count the blocks of a paged memory both ways."""
    references = dict(memory.references)
    return Sharing(held=len(references), unshared=sum(references.values()))
