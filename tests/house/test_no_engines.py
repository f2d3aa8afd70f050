"""Engines live in a Python of their own: no command of pagereel brings one into its process."""

import ast
import os
import subprocess

import pytest

from pagereel.documents.tree import folder_of, modules

from places import ROOT

MODULES = modules()
GPU = {"torch", "transformers", "vllm", "pynvml"}
TRAP = "raise ImportError('an engine was imported: ' + __name__)\n"


def imported_at_once(path):
    """Names that a module imports when it is imported itself: not those inside its functions."""
    found, todo = set(), [ast.parse(path.read_text("utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            todo += ast.iter_child_nodes(node)
    return found


def all_that_comes_along(names):
    """Every name that is imported once these modules are, however far away."""
    found, todo = set(), list(names)
    while todo:
        for name in imported_at_once(MODULES[todo.pop()]) - found:
            found.add(name)
            todo += [name] if name in MODULES else []
    return found


COMMANDS = (
    "list",
    "check storyboards/17-measured.yaml",
    "trace storyboards/17-measured.yaml",
    "measure --validate measurements/results/2026-11-20-cpu.json",
)


def test_whatever_pagereel_imports_no_engine_comes_along():
    found = all_that_comes_along(name for name in MODULES if folder_of(name) == "pagereel")
    assert len(found) > 100
    assert {name for name in found if name.split(".")[0] in GPU} == set()
    assert {name for name in found if name.startswith("pagereel.measurements.engines")} == set()


def test_the_walk_sees_an_engine_where_there_is_one():
    assert "torch" in all_that_comes_along(["pagereel.measurements.engines.contiguous"])


@pytest.mark.parametrize("words", COMMANDS)
def test_commands_run_where_importing_an_engine_fails(command, environment, tmp_path, words):
    for name in GPU:
        (tmp_path / f"{name}.py").write_text(TRAP, "utf-8")
    trapped = environment | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run(
        [*command, *words.split()], cwd=ROOT, env=trapped, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "an engine was imported" not in done.stderr
