"""What devices can be and do: the memory, driver and speed that go with a card's name.

Speeds are the makers' data sheets: memory in GB/s, dense 16-bit arithmetic in Tflop/s. They are
upper limits that no run can beat, not what a run should reach.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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


CARDS = (
    CardLimits("H200", (137, 142), 4900, 990),
    CardLimits("GH200 480GB", (93, 97), 4023, 990),
    CardLimits("GH200 144G", (137, 145), 4900, 990),
    CardLimits("H100 NVL", (92, 95), 3938, 990),
    CardLimits("H100 PCIe", (78, 81), 2039, 757),
    CardLimits("H100", (78, 81), 3352, 990),
    CardLimits("H20", (94, 97), 4023, 148),
    CardLimits("B200", (177, 193), 8000, 2500),
    CardLimits("B300", (250, 290), 8000, 2500),
    CardLimits("A100 80GB", (78, 81), 2039, 312),
    CardLimits("A100", (38, 41), 1555, 312),
    CardLimits("A10G", (22, 24), 600, 70),
    CardLimits("A10", (22, 24), 600, 125),
    CardLimits("A40", (44, 48), 696, 150),
    CardLimits("A30", (23, 24), 933, 165),
    CardLimits("L40S", (44, 48), 864, 362),
    CardLimits("L40", (44, 48), 864, 181),
    CardLimits("L4", (21, 24), 300, 121),
    CardLimits("T4", (14, 16), 320, 65),
    CardLimits("V100 32GB", (31, 32), 1134, 125),
    CardLimits("V100 16GB", (15, 16), 1134, 125),
    CardLimits("RTX A6000", (44, 48), 768, 155),
    CardLimits("RTX 6000 Ada", (44, 48), 960, 364),
    CardLimits("RTX PRO 6000", (93, 97), 1792, 1000),
    CardLimits("RTX 5090", (31, 32), 1792, 420),
    CardLimits("RTX 4090", (23, 24), 1008, 330),
    CardLimits("RTX 3090", (23, 24), 936, 142),
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
