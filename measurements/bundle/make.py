"""Makes a bundle: the engines' wheels and this code, in parts of a size that can be carried.

Wheels come from wherever pip finds packages; none is changed. The parts are one plain tar, cut: the
same wheels and code give the same bytes. `manifest.json` has a digest of every wheel and part, and
`unpack.py` lies beside it, for a Python that has nothing but its standard library.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, BinaryIO, cast

from pagereel.measurements.bundle.unpack import FORMAT, LISTED
from pagereel.measurements.running.machine import NVML, TRANSFORMERS, VLLM
from pagereel.measurements.running.sources import files_of

ENGINES = (VLLM, TRANSFORMERS, NVML)
NEWEST_GLIBC = 34
"""Wheels for glibc 2.5 to 2.34: distributions since 2021."""
MIB = 2**20


@dataclass(frozen=True, slots=True)
class BundleWishes:
    """What a bundle is to be."""

    target: Path
    python: Path
    """A Python of the host's version, with pip: what a package needs depends on the version, and
    pip judges that by the Python that it runs in."""
    part_mib: int
    without: tuple[str, ...] = ()
    """Patterns of packages that the host has already: `torch`, `nvidia-*`."""
    wheels: Path | None = None
    """A folder that has the wheels; None: pip downloads them."""


class NoBundle(Exception):
    """It cannot be made; the message says why."""


def make(wishes: BundleWishes, bench: Path) -> dict[str, Any]:
    """Make the bundle in a folder that is there; returns its manifest. Wheels that pip downloads
    stay in the target. Raises `NoBundle` and OSError."""
    for pattern in wishes.without:
        if not re.fullmatch(LISTED["without"], pattern, re.ASCII):
            raise NoBundle(f"--without {pattern}: name a package, or some as nvidia-*")
    version = _version(wishes.python)
    folder = wishes.wheels or wishes.target / "wheels"
    if wishes.wheels is None:
        download(folder, wishes.python)
    if not wishes.without:
        prove(folder, wishes.python)
    wheels = [path for path in sorted(folder.glob("*.whl")) if not _left_out(path, wishes.without)]
    if not wheels:
        raise NoBundle(f"no wheels in {folder}")
    parts = _Parts(bench, wishes.part_mib * MIB)
    with tarfile.open(fileobj=cast(BinaryIO, parts), mode="w|", format=tarfile.GNU_FORMAT) as tar:
        for path in wheels:
            _add(tar, f"wheels/{path.name}", path)
        for name, path in _code():
            _add(tar, f"code/{name}", path)
    manifest = {
        "format": FORMAT,
        "python": version,
        "install": [name for name in ENGINES if not _excluded(_package(name), wishes.without)],
        "without": list(wishes.without),
        "wheels": [_listed(path) for path in wheels],
        "parts": parts.close(),
    }
    text = json.dumps(manifest, indent=1) + "\n"
    (bench / "manifest.json").write_text(text, "utf-8")
    shutil.copyfile(Path(__file__).with_name("unpack.py"), bench / "unpack.py")
    return manifest


def download(folder: Path, python: Path) -> None:
    """Have pip bring the engines and all that they need, for Linux. Raises `NoBundle`."""
    platforms = [f"manylinux_2_{minor}_x86_64" for minor in range(NEWEST_GLIBC, 4, -1)]
    platforms += ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"]
    words = [word for name in platforms for word in ("--platform", name)]
    _pip(python, "download", "--dest", str(folder), "--only-binary=:all:", *words, *ENGINES)


def prove(folder: Path, python: Path) -> None:
    """Have pip find all that the engines need in a folder alone; nothing is installed.

    Raises `NoBundle` with the package that is missing.
    """
    offline = ("--no-index", "--find-links", str(folder), "--only-binary=:all:")
    _pip(python, "install", "--dry-run", "--ignore-installed", *offline, *ENGINES)


def _pip(python: Path, *words: str) -> None:
    command = [str(python), "-m", "pip", *words, "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise NoBundle(f"pip {words[0]}: {said[-1]}")


def _version(python: Path) -> str:
    """`3.12`. Raises `NoBundle` for what is no Python of 64-bit Linux on x86."""
    code = "import platform as p, sys; print(*sys.version_info[:2], p.system(), p.machine())"
    try:
        done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise NoBundle(f"{python} does not run") from None
    major, minor, *machine = done.stdout.split()
    if machine != ["Linux", "x86_64"]:
        raise NoBundle(f"a bundle is made on Linux on x86_64, not on {' '.join(machine)}")
    return f"{major}.{minor}"


class _Parts:
    """A stream that is written to files of at most `limit` bytes: part.000, part.001, ..."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder, self._limit = folder, limit
        self._done: list[dict[str, Any]] = []
        self._file: io.BufferedWriter | None = None
        self._digest, self._size = hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        """All of it, in as many parts as it takes."""
        rest = memoryview(data)
        while rest:
            if self._file is None:
                self._file = (self._folder / self._name).open("wb")
            piece = rest[: self._limit - self._size]
            self._file.write(piece)
            self._digest.update(piece)
            self._size += len(piece)
            rest = rest[len(piece) :]
            if self._size == self._limit:
                self._end_part()
        return len(data)

    def close(self) -> list[dict[str, Any]]:
        """The parts: name, bytes, digest."""
        self._end_part()
        return self._done

    @property
    def _name(self) -> str:
        return f"part.{len(self._done):03}"

    def _end_part(self) -> None:
        if self._file is None:
            return
        self._file.close()
        made = {"name": self._name, "bytes": self._size, "sha256": self._digest.hexdigest()}
        self._done.append(made)
        self._file, self._digest, self._size = None, hashlib.sha256(), 0


def _add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    """With no time, owner or mode of this machine."""
    about = tarfile.TarInfo(name)
    about.size, about.mode = path.stat().st_size, 0o644
    with path.open("rb") as opened:
        tar.addfile(about, opened)


def _code() -> Iterator[tuple[str, Path]]:
    """The files of this code as a package of its own; no records, no storyboards, no player."""
    for name, path in files_of():
        if not re.match(r"storyboards/|measurements/results/|page/static/", name):
            yield f"pagereel/{name}", path


def _listed(path: Path) -> dict[str, Any]:
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest}


def _left_out(path: Path, patterns: Sequence[str]) -> bool:
    return _excluded(path.name.split("-")[0], patterns)


def _excluded(package: str, patterns: Sequence[str]) -> bool:
    plain = re.sub(r"[-_.]+", "-", package).lower()
    return any(fnmatch(plain, pattern.lower()) for pattern in patterns)


def _package(requirement: str) -> str:
    return requirement.split("==")[0]
