"""A bundle: wheels and code in parts, checked and unpacked on a host without a network."""

import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from pagereel.measurements.bundle import unpack
from pagereel.measurements.bundle.make import MIB, BundleWishes, NoBundle, make

PACKAGES = {"vllm": "0.32.0", "transformers": "5.17.0", "nvidia_ml_py": "13.615.71"}
BULK = random.Random(0).randbytes(1_300_000)  # does not deflate: parts are cut in the middle of it


def wheel(folder, name, version, needs=""):
    """A wheel with no time in it: made again, it is the same."""
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as packed:
        packed.writestr(zipfile.ZipInfo(f"{name}.bin"), BULK)
        required = f"Requires-Dist: {needs}\n" if needs else ""
        packed.writestr(
            zipfile.ZipInfo(f"{about}/METADATA"),
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}",
        )
        packed.writestr(
            zipfile.ZipInfo(f"{about}/WHEEL"), "Wheel-Version: 1.0\nTag: py3-none-any\n"
        )
        packed.writestr(zipfile.ZipInfo(f"{about}/RECORD"), "")


@pytest.fixture
def wheels(tmp_path):
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, version in PACKAGES.items():
        wheel(folder, name, version)
    return folder


def bundled(wishes):
    """Make a bundle in its folder, as it is."""
    wishes.target.mkdir(exist_ok=True)
    return make(wishes, wishes.target)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One bundle for all, which nobody spoils."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "wheels").mkdir()
    for name, version in PACKAGES.items():
        wheel(folder / "wheels", name, version)
    bundled(BundleWishes(folder / "b", Path(sys.executable), 1, (), folder / "wheels"))
    return folder / "b"


@pytest.fixture
def bundle(tmp_path, made):
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "b"))


def run(bundle, target):
    words = [sys.executable, bundle / "unpack.py", target]
    return subprocess.run(words, capture_output=True, text=True, timeout=120)


def test_no_part_is_larger_than_asked_and_the_same_wheels_give_the_same_parts(bundle, wheels):
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    sizes = [(bundle / part["name"]).stat().st_size for part in manifest["parts"]]
    assert len(sizes) > 4 and max(sizes) == MIB
    again = bundled(BundleWishes(bundle.parent / "again", Path(sys.executable), 1, (), wheels))
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


def listing(**fields):
    """Spoils a manifest: these keys have these values."""

    def spoil(bundle):
        path = bundle / "manifest.json"
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | fields), "utf-8")

    return spoil


def packing(name, kind=tarfile.REGTYPE, parent="wheels", headers=None):
    """Spoils a bundle: its one part, with a digest that fits, has one file of that name."""

    def spoil(bundle):
        with tarfile.open(bundle / "part.000", "w", format=tarfile.PAX_FORMAT) as tar:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            member.pax_headers = headers or {}
            tar.addfile(member, io.BytesIO())
        digest = hashlib.sha256((bundle / "part.000").read_bytes()).hexdigest()
        listing(parts=[{"name": "part.000", "bytes": 0, "sha256": digest}])(bundle)

    return spoil


def filling(data):
    """Spoils a bundle: its one part, with a digest that fits, is this."""

    def spoil(bundle):
        (bundle / "part.000").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        listing(parts=[{"name": "part.000", "bytes": 0, "sha256": digest}])(bundle)

    return spoil


def fifo(name):
    """Spoils a bundle: a FIFO is in the place of a file."""

    def spoil(bundle):
        (bundle / name).unlink()
        os.mkfifo(bundle / name)

    return spoil


WHEEL = {"name": "a.whl", "bytes": 1, "sha256": "0" * 64}
SPARSE = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(2**60)}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda bundle: (bundle / "manifest.json").unlink(), "manifest.json is missing"),
        (fifo("manifest.json"), "manifest.json is missing, or no file"),
        (fifo("part.001"), "part.001 is missing, or no file"),
        (lambda bundle: (bundle / "manifest.json").write_text("{"), "is no manifest: Expecting"),
        (lambda bundle: (bundle / "manifest.json").write_text("[]"), "is no manifest of the"),
        (lambda bundle: (bundle / "manifest.json").write_text("[" * 10**6), "is no manifest: "),
        (lambda bundle: (bundle / "manifest.json").write_bytes(b"\xff{}"), "is no manifest: "),
        (lambda bundle: (bundle / "manifest.json").write_bytes(bytes(2**24 + 1)), "too large"),
        (listing(format="pagereel-bundle/2"), "no manifest of the format"),
        (listing(python=None), "`python` has something that is no name"),
        (listing(python="3"), "`python` cannot have '3'"),
        (listing(parts=[]), "`parts` is missing, or no list"),
        (listing(parts={"name": "part.000"}), "`parts` is missing, or no list"),
        (listing(parts=["part.000"]), "`parts` has something without a name or a digest"),
        (listing(parts=[WHEEL | {"name": "../part.000"}]), "`parts` cannot have '../part.000'"),
        (listing(parts=[WHEEL | {"name": "/dev/zero"}]), "`parts` cannot have '/dev/zero'"),
        (listing(wheels=[WHEEL | {"sha256": 1}]), "without a name or a digest"),
        (listing(wheels=[WHEEL | {"name": "--find-links x.whl"}]), "cannot have '--find-links"),
        (listing(wheels=[WHEEL | {"name": "a/../../b.whl"}]), "cannot have 'a/../../b.whl'"),
        (listing(install=["--find-links=http://a"]), "`install` cannot have '--find-links"),
        (listing(install=["-r", "/etc/passwd"]), "`install` cannot have '-r'"),
        (listing(install=["vllm==1", "--no-index\n"]), "`install` cannot have '--no-index"),
        (listing(install=["vllm @ http://a"]), "`install` cannot have 'vllm @"),
        (listing(install="vllm"), "`install` is missing, or no list"),
        (listing(install=[["vllm"]]), "`install` has something that is no name"),
        (listing(without=7), "`without` is missing, or no list"),
        (filling(b"no tar at all" * 100), "the parts are no bundle"),
        (filling(b""), "the parts are no bundle"),
        (packing("../outside"), "'../outside' has no place in a bundle"),
        (packing("wheels/other-1-py3-none-any.whl"), "has no place in a bundle"),
        (packing("code/../../outside"), "has no place in a bundle"),
        (packing("code/link", tarfile.SYMTYPE), "has no place in a bundle"),
        (packing("code/pipe", tarfile.FIFOTYPE), "has no place in a bundle"),
        (packing("code/large", headers=SPARSE), "the parts are no bundle"),
        (packing("code/a.py"), "-any.whl is missing"),
    ],
)
def test_a_bad_bundle_is_refused_in_one_line_and_writes_nothing_elsewhere(
    bundle, tmp_path, spoil, said
):
    spoil(bundle)
    before = set(tmp_path.iterdir())
    done = run(bundle, tmp_path / "host")
    assert done.returncode == 1
    assert said in done.stderr and len(done.stderr.splitlines()) == 1
    assert set(tmp_path.iterdir()) <= before | {tmp_path / "host"}


def test_a_bundle_is_not_unpacked_onto_what_is_no_folder_or_no_file(bundle, tmp_path):
    (tmp_path / "host").write_text("mine", "utf-8")
    done = run(bundle, tmp_path / "host")
    assert done.returncode == 1 and "cannot unpack to" in done.stderr
    assert (tmp_path / "host").read_text("utf-8") == "mine"
    for wheel in sorted(
        json.loads((bundle / "manifest.json").read_text("utf-8"))["wheels"], key=str
    ):
        (tmp_path / "other" / "wheels").mkdir(parents=True, exist_ok=True)
        os.mkfifo(tmp_path / "other" / "wheels" / wheel["name"])
    assert "has no place in a bundle" in run(bundle, tmp_path / "other").stderr


def test_another_python_than_the_wheels_are_for_is_told(bundle, tmp_path):
    path = bundle / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"python": "3.99"}), "utf-8")
    assert "the wheels are for Python 3.99" in run(bundle, tmp_path / "host").stderr


def test_a_package_that_is_missing_is_told_before_anything_is_carried(tmp_path, wheels):
    wheel(wheels, "vllm", "0.32.0", "not-among-the-wheels>=2")
    with pytest.raises(NoBundle, match="not-among-the-wheels"):
        bundled(BundleWishes(tmp_path / "b", Path(sys.executable), 1, (), wheels))
    with pytest.raises(NoBundle, match="name a package"):
        bundled(BundleWishes(tmp_path / "b", Path(sys.executable), 1, ("-r x",), wheels))


def test_what_the_host_has_is_left_out_and_not_asked_for(tmp_path, wheels):
    wishes = BundleWishes(
        tmp_path / "b", Path(sys.executable), 9, ("transformers", "nvidia-*"), wheels
    )
    manifest = bundled(wishes)
    assert [one["name"].split("-")[0] for one in manifest["wheels"]] == ["vllm"]
    assert manifest["install"] == ["vllm==0.32.0"]


def test_the_command_says_what_to_carry(pagereel, tmp_path, wheels):
    done = pagereel("bundle", tmp_path / "b", "--wheels", wheels, "--part", 2)
    assert done.returncode == 0, done.stderr
    assert "there: python3 unpack.py" in done.stdout and "3 wheels in" in done.stdout
    failed = pagereel("bundle", tmp_path / "b", "--wheels", wheels, "--python", "no-python")
    assert failed.returncode == 3 and failed.stderr == "pagereel: no-python does not run\n"


def test_a_bundle_takes_the_place_of_the_one_before_and_of_nothing_else(pagereel, bundle, wheels):
    (bundle / "part.999").write_text("a stranger's")
    before = {path.name for path in bundle.glob("part.*")}
    done = pagereel("bundle", bundle, "--wheels", wheels, "--part", 3)
    assert done.returncode == 0, done.stderr
    now = {path.name for path in bundle.glob("part.*")}
    assert now < before and "part.999" in now and len(now) < 5
    (bundle / "manifest.json").unlink()
    (bundle / "manifest.json").symlink_to("elsewhere")
    refused = pagereel("bundle", bundle, "--wheels", wheels)
    assert refused.returncode == 3 and "a symbolic link is in the way" in refused.stderr
    assert not (bundle / "elsewhere").exists()


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
