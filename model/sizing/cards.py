"""GPUs by name: what an engine finds of their memory, and how fast their data sheets call them.

The memory is less than on the box: the driver keeps some. It is quoted from where it was printed.
"""

from __future__ import annotations

from dataclasses import dataclass

GIB, MIB = 2**30, 2**20
_MODAL = "nvidia-smi, modal-labs/modal-client 2797"


@dataclass(frozen=True, slots=True)
class Card:
    """One kind of GPU."""

    title: str
    memory_bytes: int
    """All that an engine finds."""
    source: str
    """Where that was printed: a program, and a public thread."""
    bytes_per_second: float
    """Of its memory, from its data sheet."""
    flops: float
    """16-bit operations a second with tensor cores, without sparsity, from its data sheet."""

    @property
    def batched_tokens(self) -> int:
        """What vLLM 0.32's server takes for `max_num_batched_tokens` on such a card."""
        if self.memory_bytes >= 160 * GIB:
            return 16_384
        return 8192 if self.memory_bytes >= 70 * GIB and "A100" not in self.title else 2048


CARDS: dict[str, Card] = {
    "a10": Card("NVIDIA A10", 23_028 * MIB, _MODAL, 600e9, 125e12),
    "a100": Card("NVIDIA A100 80GB", int(79.15 * GIB), "PyTorch, vllm 4408", 2039e9, 312e12),
    "a100-40gb": Card("NVIDIA A100 40GB", int(39.38 * GIB), "vLLM, vllm 16570", 1555e9, 312e12),
    "b200": Card(
        "NVIDIA B200", 183_359 * MIB, "nvidia-smi, NVIDIA/TensorRT-LLM 10278", 8000e9, 2250e12
    ),
    "h100": Card("NVIDIA H100 80GB", int(79.11 * GIB), "PyTorch, vllm 27508", 3350e9, 989e12),
    "h200": Card(
        "NVIDIA H200", 143_771 * MIB, "nvidia-smi, vllm-project/recipes 381", 4800e9, 989e12
    ),
    "l4": Card("NVIDIA L4", 23_034 * MIB, _MODAL, 300e9, 121e12),
    "l40s": Card("NVIDIA L40S", 46_068 * MIB, _MODAL, 864e9, 362e12),
    "rtx-3090": Card("NVIDIA RTX 3090", int(23.58 * GIB), "vLLM, vllm 10517", 936e9, 71e12),
    "rtx-4090": Card("NVIDIA RTX 4090", int(23.52 * GIB), "PyTorch, vllm 42049", 1008e9, 165e12),
    "t4": Card("NVIDIA T4", 15_360 * MIB, _MODAL, 320e9, 65e12),
}
"""By name. What nvidia-smi prints is up to 1 % more than what an engine finds."""
