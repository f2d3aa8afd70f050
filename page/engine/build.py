"""Builds engine.js: Python for a browser, with what reads, plays and bakes storyboards.

`make engine` calls it, with the project's Python; node and npm must be there. What comes from
outside is pinned by integrity: npm's in package-lock.json, Python's in requirements.txt.
"""

import base64
import gzip
import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from pagereel.page.answer import as_json
from pagereel.page.built import ENGINE, data, sources, sources_digest
from pagereel.page.formulas import outlines

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = HERE / "build"
STAGE, OUT = BUILD / "stage", BUILD / "out"
CORE = "pydantic_core/_pydantic_core.cpython-314-wasm32-emscripten.so"
PLATFORMS = ("pyemscripten_2026_0_wasm32", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
"""Of the wheels: Pyodide's, and any for PyYAML, of which the Python half is taken."""
FIXED = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive: equal sources give an equal engine."""


def main() -> None:
    """Build the engine, if there is none of these sources and packed in this way."""
    if ENGINE.exists() and ENGINE.read_bytes().startswith(head()):
        return
    built = head() + engine()
    ENGINE.parent.mkdir(exist_ok=True)
    made = ENGINE.with_suffix(".new")
    made.write_bytes(built)
    made.replace(ENGINE)
    packed = len(gzip.compress(built, 9, mtime=0))
    print(f"{ENGINE.relative_to(ROOT)}: {len(built) / 1e6:.1f} MB, {packed / 1e6:.1f} MB gzipped")


def head() -> bytes:
    """How the engine begins: from which sources it is, and how it was packed."""
    whole = hashlib.sha256()
    for path in sorted(path for path in HERE.iterdir() if path.is_file()):
        whole.update(path.name.encode() + path.read_bytes())
    lines = (
        f"// pagereel engine, sources {sources_digest()}",
        f"// packed by {whole.hexdigest()}",
    )
    return "".join(f"{line}\n" for line in lines).encode()


def engine() -> bytes:
    """Stage the sources, have Pyodide compile them, and pack everything into one script."""
    shutil.rmtree(BUILD, ignore_errors=True)
    STAGE.mkdir(parents=True)
    OUT.mkdir()
    run("npm", "ci", "--ignore-scripts", "--silent")
    fetch_wheels(BUILD / "wheels")
    stage_wheels(BUILD / "wheels")
    read_as_libyaml()
    stage_sources()
    run("node", "build.mjs", str(BUILD), str(ROOT / "storyboards"), str(ROOT / "tests/valid"))
    return script()


def run(*command: str) -> None:
    """Run a command here; what goes wrong ends the build."""
    subprocess.run(command, cwd=HERE, check=True)


def fetch_wheels(folder: Path) -> None:
    """Get the pinned wheels."""
    platforms = [word for name in PLATFORMS for word in ("--platform", name)]
    run(
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", "--require-hashes", "-r", "requirements.txt"),
        *("--python-version", "3.14", "--implementation", "cp", "--abi", "cp314", *platforms),
        *("-d", str(folder)),
    )


def stage_wheels(folder: Path) -> None:
    """Unpack their Python, and pydantic's core."""
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as opened:
            for name in opened.namelist():
                if name == CORE or (name.endswith(".py") and ".dist-info/" not in name):
                    opened.extract(name, STAGE)


def read_as_libyaml() -> None:
    """Have PyYAML's own scanner take what libyaml takes: the command reads with that.

    A question mark may end a plain text inside brackets, and a tab may part what stands on a line.
    """
    path = STAGE / "yaml/scanner.py"
    source = path.read_text("utf-8")
    for ours, theirs in _AS_LIBYAML:
        assert source.count(ours) == 1, f"PyYAML's scanner has changed: {ours}"
        source = source.replace(ours, theirs)
    path.write_text(source, "utf-8")


_SPACES = """\
            while self.peek() == ' ':
                self.forward()
            if self.peek() == '#'"""
_SPACES_AND_TABS = """\
            while self.peek() == ' ' or (
                self.peek() == '\\t' and (self.flow_level or not self.allow_simple_key)
            ):
                self.forward()
            if self.peek() == '#'"""
_AS_LIBYAML = (
    ("(self.flow_level and ch in ',?[]{}')", "(self.flow_level and ch in ',[]{}')"),
    (_SPACES, _SPACES_AND_TABS),
)


def stage_sources() -> None:
    """Copy our own modules, and the data that they read."""
    for name, path in sources().items():
        stem = STAGE.joinpath(*name.split("."))
        packs = path.name == "__init__.py"
        target = stem / "__init__.py" if packs else stem.with_name(f"{stem.name}.py")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for name, path in data().items():
        target = STAGE / "pagereel" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def script() -> bytes:
    """The script: it hands its parts over to the page that asked for it."""
    pyodide = HERE / "node_modules/pyodide"
    lock = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))
    parts = {
        "digest": sources_digest(),
        "worker": (BUILD / "worker.js").read_text("utf-8"),
        "files": {
            "info": lock["info"],
            "wasm": packed((pyodide / "pyodide.asm.wasm").read_bytes()),
            "stdlib": packed(archive(OUT / "stdlib")),
            "modules": packed(archive(OUT / "modules")),
            "core": {"path": CORE, "data": packed((STAGE / CORE).read_bytes())},
            "outlines": packed(as_json(outlines()).encode()),
            "start": (HERE / "start.py").read_text("utf-8"),
        },
    }
    return f"window.pagereelEngine({as_json(parts)});\n".encode()


def packed(content: bytes) -> str:
    """Compressed, as text."""
    return text(gzip.compress(content, 9, mtime=0))


def text(content: bytes) -> str:
    """Bytes as text that can stand in a script."""
    return base64.b64encode(content).decode()


def archive(folder: Path) -> bytes:
    """A zip of a folder, to be packed as a whole: equal files, equal bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = path.relative_to(folder).as_posix()
                opened.writestr(zipfile.ZipInfo(name, FIXED), path.read_bytes())
    return made.getvalue()


if __name__ == "__main__":
    main()
