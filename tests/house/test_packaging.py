"""A wheel brings `pagereel` and nothing else, whole, and works far from the repository."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from pagereel.measurements.bundle.make import ENGINES

from places import ROOT

pytest.importorskip("hatchling")
CONSTRAINTS = (ROOT / "constraints.txt").read_text("utf-8")
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "node_modules", "output", "__pycache__", ".*_cache"
)


def build(checkout, kind, target):
    """A wheel or a source archive of a checkout."""
    words = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    environment = os.environ | {"PAGEREEL_WITHOUT_PAGE": "1"}
    subprocess.run(words, cwd=checkout, check=True, capture_output=True, env=environment)
    (made,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


def contents(wheel):
    """The files of the package in a wheel, each with its bytes."""
    with zipfile.ZipFile(wheel) as opened:
        names = [name for name in opened.namelist() if ".dist-info/" not in name]
        return {name: opened.read(name) for name in names}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house") / "checkout"
    shutil.copytree(ROOT, folder, symlinks=True, ignore=LEFT_OUT)
    return folder


@pytest.fixture(scope="module")
def wheel(checkout, tmp_path_factory):
    return build(checkout, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder with the wheel's package alone, as a virtual environment would have it."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(folder)
    return folder


@pytest.fixture
def away(installed, tmp_path):
    """Runs the wheel's command in a folder that holds a stranger's modules of our rooms' names."""
    for name in ("model", "scenes", "measurements"):
        (tmp_path / f"{name}.py").write_text('raise SystemExit("not yours")', "utf-8")
    environment = os.environ | {"PYTHONPATH": str(installed), "PAGEREEL_CACHE": str(tmp_path / "c")}

    def run(*words):
        command = [sys.executable, "-m", "pagereel", *words]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    return run


def test_a_wheel_installs_one_name(wheel):
    assert {Path(name).parts[0] for name in contents(wheel)} == {"pagereel"}


def test_a_wheel_has_every_module_of_the_repository_and_what_they_read(wheel, checkout):
    names = set(contents(wheel))
    rooms = ("model", "scenes", "measurements")
    wanted = {
        f"pagereel/{path.relative_to(checkout).as_posix()}"
        for room in rooms
        for path in (checkout / room).rglob("*")
        if path.is_file()
    }
    wanted |= {
        path.relative_to(checkout).as_posix() for path in (checkout / "pagereel").rglob("*.py")
    }
    wanted |= {f"pagereel/storyboards/{path.name}" for path in (ROOT / "storyboards").glob("*.*")}
    assert wanted - names == set()
    assert "pagereel/py.typed" in names


def test_a_wheel_brings_the_page_s_player_and_engine_or_says_that_they_are_missing(tmp_path):
    checkout = tmp_path / "checkout"
    static = checkout / "pagereel/page/static"
    static.mkdir(parents=True)
    for name in ("pyproject.toml", "hatch_build.py", ".gitignore", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, checkout / name)
    shutil.copyfile(ROOT / "pagereel/__init__.py", checkout / "pagereel/__init__.py")
    for name in ("player", "site", "preview", "diff", "editor"):
        (static / f"{name}.js").write_text("played", "utf-8")
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    refused = subprocess.run(words, cwd=checkout, capture_output=True, text=True)
    assert refused.returncode != 0
    assert "engine.js must be built first: run `make page`" in refused.stderr
    (static / "engine.js").write_text("answered", "utf-8")
    subprocess.run(words, cwd=checkout, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert contents(wheel)["pagereel/page/static/engine.js"] == b"answered"


def test_a_wheel_from_the_source_archive_is_the_same(checkout, wheel, tmp_path):
    archive = build(checkout, "sdist", tmp_path / "archive")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    again = build(unpacked, "wheel", tmp_path / "again")
    assert contents(again) == contents(wheel)


def test_a_wheel_lists_the_course_in_an_empty_folder(away):
    done = away("list")
    assert done.returncode == 0, done.stderr
    assert "17-measured" in done.stdout


def test_a_new_storyboard_can_be_checked_as_its_message_says(away, tmp_path):
    made = away("new", "x")
    assert made.returncode == 0, made.stderr
    assert "pagereel render x.yaml" in made.stdout
    done = away("check", "x.yaml")
    assert done.returncode == 0, done.stderr


def test_a_wheel_finds_its_record(away, tmp_path):
    done = away("charts", "--size", "90", "-o", "drawn")
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.glob("drawn/*/*.png"))


def test_the_extra_for_gpus_brings_what_the_guide_and_a_bundle_bring():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    guide = (ROOT / "docs" / "how-to" / "measure-on-your-gpu.md").read_text("utf-8")
    assert set(project["optional-dependencies"]["gpu"]) == set(ENGINES)
    assert all(f"`{engine}`" in guide for engine in ENGINES)


PINS = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)
LOCKS = [ROOT / "requirements" / f"{name}.txt" for name in ("build", "develop", "tools")]
MEASURING = [ROOT / "measurements" / f"{name}-cpu.txt" for name in ("engine", "requirements")]


def plain(name):
    return re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", name)[0]).lower()


@pytest.mark.parametrize("lock", [*LOCKS, *MEASURING], ids=lambda lock: lock.stem)
def test_a_lock_has_a_hash_for_everything_and_the_version_of_the_constraints(lock):
    text = lock.read_text("utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)
    assert "://" not in text
    known = {plain(name): version for name, version in PINS.findall(CONSTRAINTS)}
    pinned = {plain(name): version for name, version in PINS.findall(text)}
    assert {name: known[name] for name in pinned.keys() & known.keys()}.items() <= pinned.items()


def test_locks_hold_all_that_a_checkout_asks_for():
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    build, develop = ({plain(n) for n, _ in PINS.findall(p.read_text("utf-8"))} for p in LOCKS[:2])
    asked = about["project"]["dependencies"] + about["dependency-groups"]["dev"]
    assert {plain(name) for name in asked} <= develop
    assert {plain(name) for name in about["build-system"]["requires"]} <= build
