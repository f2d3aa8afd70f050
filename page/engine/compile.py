"""Runs in Pyodide while the engine is built: finds what is needed, and compiles it.

Everything under /stage that is of ours or that answering needs, and of the standard library what
was imported while storyboards, sound ones and broken ones, were answered.
"""

import ast
import importlib.util
import sys
import zipfile
from importlib._bootstrap_external import _code_to_hash_pyc
from pathlib import Path
from types import CodeType

sys.path.insert(0, "/stage")
STAGE, OUT, LIBRARY = Path("/stage"), Path("/out"), "/lib/python314.zip/"
ALWAYS = (
    *("codeop", "linecache", "textwrap", "token", "tokenize", "traceback"),
    *("encodings." + name for name in ("ascii", "cp437", "idna", "latin_1", "utf_16", "utf_8_sig")),
)
"""Of the standard library, what a failure may need that no storyboard here comes to."""

EXPLAINED = "pagereel/read/form/"
"""Modules whose source goes along: pydantic reads in it what their fields mean, for messages."""


def exercise() -> None:
    """Have everything imported that an answer can need."""
    from pagereel.page.answer import answer

    for path in sorted(Path("/stories").glob("*.yaml")):
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        answer(text, [], "16:9", path.stem)
    for path in sorted(Path("/sound").glob("*.yaml")):
        answer(path.read_text("utf-8"), ["block_size=8", "nothing=1"], "phone", path.stem)
    for name in ALWAYS:
        importlib.import_module(name)


def pyc(source: bytes, path: str) -> bytes:
    """The same bytes for the same source, whenever and wherever it is compiled.

    Docstrings are left out but for Pyodide's, which needs its own; assertions are kept in ours.
    """
    if path.startswith(("pyodide/", "_pyodide/")):
        code = compile(source, path, "exec", dont_inherit=True, optimize=0)
    elif path.startswith("pagereel/"):
        code = compile(undocumented(source), path, "exec", dont_inherit=True, optimize=0)
    else:
        code = compile(source, path, "exec", dont_inherit=True, optimize=2)
    return bytes(_code_to_hash_pyc(unplaced(code), importlib.util.source_hash(source), False))


def unplaced(code: CodeType) -> CodeType:
    """Code that does not know its lines: a third of what compiled files weigh once packed.

    Nobody is shown a traceback; what an exception says is kept.
    """
    inner = (unplaced(it) if isinstance(it, CodeType) else it for it in code.co_consts)
    return code.replace(co_linetable=b"", co_consts=tuple(inner))


def undocumented(source: bytes) -> ast.Module:
    """A module without docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if documented and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.fix_missing_locations(tree)


def write(target: Path, data: bytes) -> None:
    """Write a file, and the folders that it lies in."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


exercise()
library, modules = [], []
for _, module in sorted(sys.modules.items()):
    spec = getattr(module, "__spec__", None)
    origin = (spec and spec.origin) or ""
    if origin.startswith(LIBRARY):
        library.append(origin.removeprefix(LIBRARY))
    elif origin.startswith("/stage/") and origin.endswith(".py"):
        modules.append(origin.removeprefix("/stage/"))
modules += [str(path.relative_to(STAGE)) for path in STAGE.glob("pagereel/**/*.py")]
for name in sorted({*modules}):
    source, target = (STAGE / name).read_bytes(), OUT / "modules" / name
    if name.startswith(EXPLAINED):
        write(target, source)
        target = target.parent / "__pycache__" / f"{target.stem}.cpython-314.py"
    write(target.with_suffix(".pyc"), pyc(source, name))
for path in STAGE.glob("pagereel/**/*"):
    if path.is_file() and path.suffix != ".py":
        write(OUT / "modules" / path.relative_to(STAGE), path.read_bytes())
with zipfile.ZipFile("/lib/python314.zip") as opened:
    for name in sorted({*library, "_sysconfigdata__emscripten_wasm32-emscripten.py"}):
        write(OUT / "stdlib" / f"{name}c", pyc(opened.read(name), name))
