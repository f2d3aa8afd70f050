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
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any


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
    manifest = json.loads((here / "manifest.json").read_text("utf-8"))
    found = f"{sys.version_info.major}.{sys.version_info.minor}"
    if found != manifest["python"]:
        sys.exit(f"the wheels are for Python {manifest['python']}; this is {found}")
    paths = [here / part["name"] for part in manifest["parts"]]
    for path, part in zip(paths, manifest["parts"], strict=True):
        check(path, part)
    with tarfile.open(fileobj=io.BufferedReader(Parts(paths), 2**20), mode="r|") as tar:
        for member in tar:
            unpack(tar, member, target)
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


def unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """Write one file. Exit unless it is a plain one inside the target: `make.py` packs no other."""
    path = (target / member.name).resolve()
    packed = tar.extractfile(member) if member.isfile() and target in path.parents else None
    if packed is None:
        sys.exit(f"{member.name} has no place in a bundle: bring it again")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        shutil.copyfileobj(packed, file)


def check(path: Path, expected: dict[str, Any]) -> None:
    """Exit unless the file is the one that was made."""
    if not path.is_file():
        sys.exit(f"{path.name} is missing")
    digest = hashlib.sha256()
    with path.open("rb") as opened:
        while data := opened.read(2**20):
            digest.update(data)
    if digest.hexdigest() != expected["sha256"]:
        sys.exit(f"{path.name} is damaged: bring it again")


def install(target: Path, manifest: dict[str, Any]) -> Path:
    """The Python with the engines. What the bundle leaves out is taken from the host's own."""
    python = target / "engines" / "bin" / "python"
    shared = ["--system-site-packages"] if manifest["without"] else []
    made = [sys.executable, "-m", "venv", *shared, str(target / "engines")]
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-compile"]
    offline = ["--no-index", "--find-links", str(target / "wheels")]
    for command in (made, [*pip, *offline, *manifest["install"]]):
        if subprocess.run(command).returncode:
            sys.exit(f"stopped at: {' '.join(command[:4])}")
    return python


if __name__ == "__main__":
    main()
