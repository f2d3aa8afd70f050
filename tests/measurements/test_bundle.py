"""A bundle: wheels and code in parts, checked and unpacked on a host without a network."""

import io
import json
import random
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from pagereel.measurements.bundle import unpack
from pagereel.measurements.bundle.make import MIB, BundleWishes, NoBundle, make

PACKAGES = {"vllm": "0.32.0", "transformers": "5.17.0", "nvidia_ml_py": "13.0"}
BULK = random.Random(0).randbytes(1_300_000)  # does not deflate: parts are cut in the middle of it


def wheel(folder, name, version, needs=""):
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as packed:
        packed.writestr(f"{name}.bin", BULK)
        required = f"Requires-Dist: {needs}\n" if needs else ""
        packed.writestr(
            f"{about}/METADATA",
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}",
        )
        packed.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        packed.writestr(f"{about}/RECORD", "")


@pytest.fixture
def wheels(tmp_path):
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, version in PACKAGES.items():
        wheel(folder, name, version)
    return folder


@pytest.fixture
def bundle(tmp_path, wheels):
    make(BundleWishes(tmp_path / "b", Path(sys.executable), 1, (), wheels))
    return tmp_path / "b"


def run(bundle, target):
    words = [sys.executable, bundle / "unpack.py", target]
    return subprocess.run(words, capture_output=True, text=True, timeout=120)


def test_no_part_is_larger_than_asked_and_the_same_wheels_give_the_same_parts(bundle, wheels):
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    sizes = [(bundle / part["name"]).stat().st_size for part in manifest["parts"]]
    assert len(sizes) > 4 and max(sizes) == MIB
    again = make(BundleWishes(bundle.parent / "again", Path(sys.executable), 1, (), wheels))
    assert again["parts"] == manifest["parts"]


def test_what_is_unpacked_is_what_was_packed_and_its_code_runs(bundle, wheels, monkeypatch):
    target = bundle.parent / "host"
    monkeypatch.setattr(unpack, "install", lambda target, manifest: Path(sys.executable))
    monkeypatch.setattr(unpack, "__file__", str(bundle / "unpack.py"))
    monkeypatch.setattr(sys, "argv", ["unpack.py", str(target)])
    with pytest.raises(SystemExit, match="self-test failed"):  # the wheels are empty
        unpack.main()
    for path in wheels.iterdir():
        assert (target / "wheels" / path.name).read_bytes() == path.read_bytes()
    assert (target / "code" / "pagereel" / "cli" / "app.py").is_file()
    assert not (target / "code" / "pagereel" / "measurements" / "results").exists()
    measuring = "import pagereel.measurements.running.cell, pagereel.measurements.running.machine"
    alone = subprocess.run(  # -S: no installed package is seen
        [sys.executable, "-S", "-c", measuring], env={"PYTHONPATH": str(target / "code")}
    )
    assert alone.returncode == 0


def test_a_part_that_is_damaged_or_missing_is_told(bundle, tmp_path):
    part = bundle / "part.001"
    part.write_bytes(b"x" + part.read_bytes()[1:])
    assert "part.001 is damaged: bring it again" in run(bundle, tmp_path / "host").stderr
    part.unlink()
    done = run(bundle, tmp_path / "host")
    assert done.returncode == 1 and "part.001 is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_python_than_the_wheels_are_for_is_told(bundle, tmp_path):
    path = bundle / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"python": "3.99"}), "utf-8")
    assert "the wheels are for Python 3.99" in run(bundle, tmp_path / "host").stderr


def test_a_package_that_is_missing_is_told_before_anything_is_carried(tmp_path, wheels):
    wheel(wheels, "vllm", "0.32.0", "not-among-the-wheels>=2")
    with pytest.raises(NoBundle, match="not-among-the-wheels"):
        make(BundleWishes(tmp_path / "b", Path(sys.executable), 1, (), wheels))


def test_what_the_host_has_is_left_out_and_not_asked_for(tmp_path, wheels):
    wishes = BundleWishes(
        tmp_path / "b", Path(sys.executable), 9, ("transformers", "nvidia-*"), wheels
    )
    manifest = make(wishes)
    assert [one["name"].split("-")[0] for one in manifest["wheels"]] == ["vllm"]
    assert manifest["install"] == ["vllm==0.32.0"]


def test_the_command_says_what_to_carry(pagereel, tmp_path, wheels):
    done = pagereel("bundle", tmp_path / "b", "--wheels", wheels, "--part", 2)
    assert done.returncode == 0, done.stderr
    assert "there: python3 unpack.py" in done.stdout and "3 wheels in" in done.stdout
    failed = pagereel("bundle", tmp_path / "b", "--wheels", wheels, "--python", "no-python")
    assert failed.returncode == 3 and "Traceback" not in failed.stderr


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.SYMTYPE])
def test_a_bundle_that_would_write_elsewhere_is_refused(tmp_path, kind):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        member = tarfile.TarInfo("../outside" if kind == tarfile.REGTYPE else "link")
        member.type, member.linkname = kind, "/etc/passwd"
        tar.addfile(member, io.BytesIO())
    packed.seek(0)
    with tarfile.open(fileobj=packed) as tar, pytest.raises(SystemExit, match="has no place"):
        unpack.unpack(tar, next(iter(tar)), tmp_path / "target")
    assert list(tmp_path.iterdir()) == []
