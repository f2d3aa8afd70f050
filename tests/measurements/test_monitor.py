"""The monitor reads every GPU through NVML and says once what is missing; no GPU is needed here."""

import sys
import time
from types import SimpleNamespace

import pytest

from pagereel.cli.commands.measure import watch
from pagereel.measurements.running.machine import probe, visible
from pagereel.measurements.samples.monitor import Monitor, Nvml, _torch_memory
from pagereel.measurements.samples.packed import unpack


class NvmlError(Exception):
    """What the library raises."""


def library(count=2, talks=True):
    """Stands in for pynvml."""

    def utilisation(handle):
        if not talks:
            raise NvmlError("not supported")
        return SimpleNamespace(gpu=37)

    return SimpleNamespace(
        NVMLError=NvmlError,
        NVML_CLOCK_SM=1,
        NVML_CLOCK_MEM=2,
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: count,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetName=lambda handle: f"Card {handle}".encode(),
        nvmlDeviceGetUUID=lambda handle: f"GPU-{handle}",
        nvmlDeviceGetMemoryInfo=lambda handle: SimpleNamespace(total=2**35, used=2**30, free=2**34),
        nvmlDeviceGetUtilizationRates=utilisation,
        nvmlDeviceGetClockInfo=lambda handle, kind: 1000 * kind,
        nvmlSystemGetDriverVersion=lambda: b"580.1",
    )


@pytest.fixture
def two_cards(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", library())


def test_every_card_is_named_with_its_memory(two_cards):
    nvml = Nvml()
    assert [(gpu.index, gpu.name, gpu.total) for gpu in nvml.gpus()] == [
        (0, "Card 0", 2**35),
        (1, "Card 1", 2**35),
    ]
    assert (nvml.driver, nvml.clocks(0)) == ("580.1", (1000, 2000))


def test_a_card_that_does_not_tell_its_use_is_still_read(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", library(talks=False))
    assert Nvml().read(0) == (2**35, 2**30, 2**34, -1)


def test_samples_are_taken_of_all_cards_until_the_end(two_cards):
    with Monitor("cuda", time.perf_counter_ns(), hz=200) as monitor:
        time.sleep(0.1)
    found = unpack(monitor.plain()["samples"])
    assert set(found["gpu"]) == {0, 1} and len(found["gpu"]) >= 6
    assert set(found["used"]) == {2**30} and monitor.source == "nvml"


def test_on_a_cpu_it_is_the_process_resident_size():
    with Monitor("cpu", time.perf_counter_ns()) as monitor:
        pass
    found = unpack(monitor.plain()["samples"])
    assert monitor.source == "resident" and 2**22 < min(found["resident"]) < 2**36


def test_without_the_library_torch_is_asked_alone(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)
    cuda = SimpleNamespace(
        is_initialized=lambda: True,
        mem_get_info=lambda: (2**30, 2**33),
        memory_allocated=lambda: 5,
        memory_reserved=lambda: 8,
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    with Monitor("cuda", time.perf_counter_ns()) as monitor:
        pass
    found = unpack(monitor.plain()["samples"])
    assert monitor.source == "torch" and Nvml().problem == "no nvidia-ml-py"
    assert (found["used"][0], found["reserved"][0]) == (2**33 - 2**30, 8)


def test_without_a_driver_the_library_s_own_words_are_said(monkeypatch):
    broken = library()

    def fail():
        raise NvmlError("Driver Not Loaded")

    broken.nvmlInit = fail
    monkeypatch.setitem(sys.modules, "pynvml", broken)
    assert Nvml().problem == "NVML: Driver Not Loaded"


def test_torch_s_memory_is_put_to_the_card_that_the_process_sees(monkeypatch):
    cuda = SimpleNamespace(
        is_initialized=lambda: True,
        current_device=lambda: 0,
        memory_allocated=lambda: 5,
        memory_reserved=lambda: 8,
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    assert _torch_memory() == (5, 8, 3)


def test_a_gpu_is_chosen_among_those_that_may_be_seen(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,6")
    assert (visible(1), visible(0)) == ("6", "4")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert visible(1) == "1"


def test_the_probe_hides_a_card_s_number_and_keeps_its_name(two_cards):
    (first, _) = probe()["gpus"]
    assert first["name"] == "Card 0" and first["clocks_mhz"] == [1000, 2000]
    assert len(first["uuid_sha256"]) == 16 and "GPU" not in first["uuid_sha256"]


def test_watching_prints_time_name_memory_percent_and_a_label_for_each_card(two_cards, capsys):
    watch("before the load", seconds=0)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and lines[0].split("  ", 1)[1] == (
        "0: Card 0  1,024 of 32,768 MiB  3.1 %, busy 37 %  before the load"
    )
