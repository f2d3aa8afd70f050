"""How many bytes of K/V a step reads and writes, in one layer and in all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pagereel.model.core.events import EntriesRead, EntriesWritten, Event
from pagereel.model.core.geometry import Geometry


@dataclass(frozen=True, slots=True)
class Movement:
    """K/V entries that a step read from the cache and wrote to it, and their bytes.

    Prefill writes the prompt's entries and reads none: it attends to K/V it has at hand (SOSP
    2023, section 4.3). A decode step reads every entry that its token may attend to and writes
    one. Copies that an allocator makes (copy-on-write, swapping, concatenation) are not in here.
    """

    geometry: Geometry
    entries_read: int
    """Of every group of layers, added up."""
    entries_written: int
    groups: int = 1
    """Groups of layers, all with as many layers, of which each reads on its own."""

    @property
    def layer_bytes_read(self) -> int:
        """Bytes read in each layer, where there is one group."""
        return self.entries_read * self.geometry.bytes_per_layer

    @property
    def layer_bytes_written(self) -> int:
        """Bytes written in each layer."""
        return self.entries_written * self.geometry.bytes_per_layer

    @property
    def bytes_read(self) -> int:
        """Bytes read in all layers."""
        return self.entries_read * self.geometry.bytes_per_token // self.groups

    @property
    def bytes_written(self) -> int:
        """Bytes written in all layers."""
        return self.entries_written * self.geometry.bytes_per_token


def movement(events: Iterable[Event], geometry: Geometry) -> Movement:
    """What the events of a step (or of many) read and wrote."""
    read = written = 0
    groups = 1
    for event in events:
        if isinstance(event, EntriesRead):
            read += event.count
            groups = max(groups, event.group + 1)
        elif isinstance(event, EntriesWritten):
            written += event.count
    return Movement(geometry, read, written, groups)


def concatenation_peak_bytes(entries: int, geometry: Geometry) -> int:
    """Bytes alive at the worst moment while every tensor of a DynamicCache grows to `entries`.

    K and V of each layer are separate tensors that take turns. The worst moment is the last one's:
    all tensors have their new size, and the old one of the last, an entry shorter, is still there.
    """
    tensors = geometry.layers * (1 if geometry.latent else 2)
    tensor_entry_bytes = geometry.bytes_per_token // tensors
    return entries * geometry.bytes_per_token + (entries - 1) * tensor_entry_bytes
