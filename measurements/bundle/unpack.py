"""On the host: `python3 unpack.py [DEST]`, beside manifest.json and its parts.

Checks every part, unpacks them to DEST (./pagereel-engines), makes a virtual environment of this
Python there, installs the wheels without a network, and runs the self-test. Needs nothing but
Python's standard library. Where it stops, it says why and exits with 1.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

FORMAT = "pagereel-bundle/1"
MOST_BYTES = 2**24
"""Of the manifest."""
LISTED = {
    "python": r"\d\.\d{1,3}",
    "install": r"[A-Za-z0-9][A-Za-z0-9._-]*(==[A-Za-z0-9][A-Za-z0-9.+_-]*)?",
    "without": r"[A-Za-z0-9*?\[\]!._-]+",
    "wheels": r"[A-Za-z0-9][A-Za-z0-9.+_!-]*\.whl",
    "parts": r"part\.\d{3,6}",
}
"""What the manifest says of names, whole. Nothing in them can be an option, or a path elsewhere."""


class Parts(io.RawIOBase):
    """The parts as one stream, read in order."""

    def __init__(self, paths: list[Path]) -> None:
        self._rest = list(paths)
        self._file = self._rest.pop(0).open("rb")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - whatever can be written into
        """As much as there is in this part; then the next one."""
        while not (data := self._file.read(len(buffer))) and self._rest:
            self._file.close()
            self._file = self._rest.pop(0).open("rb")
        buffer[: len(data)] = data
        return len(data)


def main() -> None:
    """See the top of the file."""
    here = Path(__file__).resolve().parent
    target = Path(sys.argv[1] if sys.argv[1:] else "pagereel-engines").resolve()
    manifest = read(here / "manifest.json")
    found = f"{sys.version_info.major}.{sys.version_info.minor}"
    if found != manifest["python"]:
        sys.exit(f"the wheels are for Python {manifest['python']}; this is {found}")
    for part in manifest["parts"]:
        check(here / part["name"], part)
    try:
        unpack_all([here / part["name"] for part in manifest["parts"]], manifest, target)
    except (tarfile.TarError, EOFError, ValueError) as problem:
        sys.exit(f"the parts are no bundle ({problem}): bring it again")
    except OSError as problem:
        sys.exit(f"cannot unpack to {target}: {problem.strerror or problem}")
    for wheel in manifest["wheels"]:
        check(target / "wheels" / wheel["name"], wheel)
    print(f"{len(manifest['wheels'])} wheels and the code are in {target}", flush=True)
    python = install(target, manifest)
    done = subprocess.run(
        [python, "-m", "pagereel.measurements.running.selftest"],
        cwd=target / "code",
        env=os.environ | {"PYTHONPATH": str(target / "code")},
    )
    if done.returncode:
        sys.exit("the self-test failed: nothing that is measured here can be believed")
    print(f"now: cd {target / 'code'} && {python} -m pagereel measure")


def read(path: Path) -> dict[str, Any]:
    """The manifest. Exit unless every word of it can be one of `make.py`'s."""
    if not path.is_file():
        sys.exit(f"{path.name} is missing, or no file")
    if path.stat().st_size > MOST_BYTES:
        sys.exit(f"{path.name} is no manifest: it is too large")
    try:
        manifest = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as problem:
        sys.exit(f"{path.name} is no manifest: {str(problem)[:100]}")
    except OSError as problem:
        sys.exit(f"{path.name} cannot be read: {problem.strerror}")
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        sys.exit(f"{path.name} is no manifest of the format {FORMAT}")
    for key, pattern in LISTED.items():
        for name in _names(manifest, key):
            if not re.fullmatch(pattern, name, re.ASCII):
                sys.exit(f"{path.name}: `{key}` cannot have {name[:60]!r}")
    return manifest


def _names(manifest: dict[str, Any], key: str) -> list[str]:
    """The names under a key. Exit if what is there has another shape."""
    listed = [manifest.get(key)] if key == "python" else manifest.get(key)
    if not isinstance(listed, list) or not (listed or key == "without"):
        sys.exit(f"manifest.json: `{key}` is missing, or no list")
    for entry in listed if key in ("wheels", "parts") else ():
        digest = entry.get("sha256") if isinstance(entry, dict) else None
        if not isinstance(digest, str) or not isinstance(entry.get("name"), str):
            sys.exit(f"manifest.json: `{key}` has something without a name or a digest")
    names = [entry["name"] if isinstance(entry, dict) else entry for entry in listed]
    if not all(isinstance(name, str) for name in names):
        sys.exit(f"manifest.json: `{key}` has something that is no name")
    return names


def unpack_all(paths: list[Path], manifest: dict[str, Any], target: Path) -> None:
    """Write all that is in the parts. Raises TarError, EOFError, ValueError and OSError."""
    wheels = {f"wheels/{wheel['name']}" for wheel in manifest["wheels"]}
    with tarfile.open(fileobj=io.BufferedReader(Parts(paths), 2**20), mode="r|") as tar:
        for member in tar:
            if member.name not in wheels and not member.name.startswith("code/"):
                sys.exit(f"{member.name[:60]!r} has no place in a bundle: bring it again")
            unpack(tar, member, target)


def unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """Write one file. Exit unless it is a plain one inside the target: `make.py` packs no other."""
    path = (target / member.name).resolve()
    plain = member.isfile() and not member.issparse() and target in path.parents
    packed = tar.extractfile(member) if plain else None
    if packed is None or (path.exists() and not path.is_file()):
        sys.exit(f"{member.name[:60]!r} has no place in a bundle: bring it again")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        shutil.copyfileobj(packed, file)


def check(path: Path, expected: dict[str, Any]) -> None:
    """Exit unless the file is the one that was made."""
    if not path.is_file():
        sys.exit(f"{path.name} is missing, or no file")
    digest = hashlib.sha256()
    try:
        with path.open("rb") as opened:
            while data := opened.read(2**20):
                digest.update(data)
    except OSError as problem:
        sys.exit(f"{path.name} cannot be read: {problem.strerror}")
    if digest.hexdigest() != expected["sha256"]:
        sys.exit(f"{path.name} is damaged: bring it again")


def install(target: Path, manifest: dict[str, Any]) -> Path:
    """The Python with the engines. What the bundle leaves out is taken from the host's own."""
    python = target / "engines" / "bin" / "python"
    shared = ["--system-site-packages"] if manifest["without"] else []
    made = [sys.executable, "-m", "venv", *shared, str(target / "engines")]
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-compile"]
    offline = ["--no-index", "--find-links", str(target / "wheels"), "--only-binary=:all:"]
    for command in (made, [*pip, *offline, "--", *manifest["install"]]):
        if subprocess.run(command).returncode:
            sys.exit(f"stopped at: {' '.join(command[:4])}")
    return python


if __name__ == "__main__":
    main()
