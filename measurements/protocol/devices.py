"""What devices can be and do: the memory, driver and speed that go with a card's name.

Speeds are the makers' data sheets: memory in GB/s, dense 16-bit arithmetic in Tflop/s. They are
upper limits that no run can beat, not what a run should reach. Cards that can be sized have theirs
from `model.sizing.cards`; of the others they stand here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pagereel.model.sizing.cards import CARDS as SIZED

GIB = 2**30


@dataclass(frozen=True, slots=True)
class CardLimits:
    """One kind of GPU, by what its driver calls it."""

    name: str
    """Words that are in its name, in this order."""
    memory_gib: tuple[float, float]
    """What NVML can say of its memory: firmware and error correction keep some back."""
    gb_per_s: float
    tflops: float

    def is_named(self, name: str) -> bool:
        """Whether the driver's name means this card."""
        return bool(re.search(r"\b" + r"\b.*\b".join(self.name.split()) + r"\b", name))


def _sized(name: str, key: str, memory_gib: tuple[float, float]) -> CardLimits:
    card = SIZED[key]
    return CardLimits(name, memory_gib, card.bytes_per_second / 1e9, card.flops / 1e12)


CARDS = (
    _sized("H200", "h200", (137, 142)),
    CardLimits("GH200 480GB", (93, 97), 4023, 990),
    CardLimits("GH200 144G", (137, 145), 4900, 990),
    CardLimits("H100 NVL", (92, 95), 3938, 990),
    CardLimits("H100 PCIe", (78, 81), 2039, 757),
    _sized("H100", "h100", (78, 81)),
    CardLimits("H20", (94, 97), 4023, 148),
    _sized("B200", "b200", (177, 193)),
    CardLimits("B300", (250, 290), 8000, 2500),
    _sized("A100 80GB", "a100", (78, 81)),
    _sized("A100", "a100-40gb", (38, 41)),
    CardLimits("A10G", (22, 24), 600, 70),
    _sized("A10", "a10", (22, 24)),
    CardLimits("A40", (44, 48), 696, 150),
    CardLimits("A30", (23, 24), 933, 165),
    _sized("L40S", "l40s", (44, 48)),
    CardLimits("L40", (44, 48), 864, 181),
    _sized("L4", "l4", (21, 24)),
    _sized("T4", "t4", (14, 16)),
    CardLimits("V100 32GB", (31, 32), 1134, 125),
    CardLimits("V100 16GB", (15, 16), 1134, 125),
    CardLimits("RTX A6000", (44, 48), 768, 155),
    CardLimits("RTX 6000 Ada", (44, 48), 960, 364),
    CardLimits("RTX PRO 6000", (93, 97), 1792, 1000),
    CardLimits("RTX 5090", (31, 32), 1792, 420),
    _sized("RTX 4090", "rtx-4090", (23, 24)),
    _sized("RTX 3090", "rtx-3090", (23, 24)),
)
"""The first that is named counts. A card that is not among them is held against `UNKNOWN`."""
UNKNOWN = CardLimits("", (1, 1024), 16000, 5000)
THREAD_GB_PER_S, THREAD_GFLOPS = 150, {"float32": 500, "float16": 4000, "bfloat16": 4000}
"""Of one thread of a CPU: above what any core reads, multiplies and adds today."""
LEAST_DRIVER = {12: 525, 13: 580}
"""The oldest driver with which that major version of CUDA runs."""


def card_named(name: str) -> CardLimits:
    """The card of that name; `UNKNOWN` if there is none of it here."""
    return next((card for card in CARDS if card.is_named(name)), UNKNOWN)
