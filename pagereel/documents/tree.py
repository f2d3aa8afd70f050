"""The repository's modules as text: which there are, what each imports, and how rooms lie."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

FOLDERS = ("pagereel", "scenes", "measurements", "model")
"""The big folders at the top; the later three are rooms of the package by links."""
ROOT = Path(__file__).resolve().parents[2]

Arrows = Mapping[str, frozenset[str]]
"""Each name on a floor, a room or a module, and the names there that it imports from."""


def name_of(path: Path) -> str:
    """The name under which a file of the repository is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts if parts[0] == "pagereel" else ("pagereel", *parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules() -> dict[str, Path]:
    """Every module by name; links are not followed, so that each is there once."""
    paths = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))
    return {name_of(path): path for path in paths}


def folder_of(name: str) -> str:
    """Which of the big folders a module belongs to."""
    second = name.split(".")[1:2]
    return second[0] if second and second[0] in FOLDERS else "pagereel"


def imports(path: Path) -> set[str]:
    """Every dotted name that a file imports, wherever in it; `from a import b` gives a and a.b."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path} has a relative import"
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def floors(known: Mapping[str, Path]) -> Iterator[tuple[str, Arrows]]:
    """Every package, with the arrows between what stands on its floor."""
    for package in sorted(name for name, path in known.items() if path.name == "__init__.py"):
        yield package, floor(package, known)


def floor(package: str, known: Mapping[str, Path]) -> Arrows:
    """What stands on the floor of one package; of `pagereel`, without the linked folders."""
    below = {name for name in known if name.startswith(package + ".")}
    if package == "pagereel":
        below = {name for name in below if folder_of(name) == "pagereel"}
    depth = package.count(".") + 1
    rooms = {name: name.split(".")[depth] for name in sorted(below)}
    arrows: dict[str, set[str]] = {room: set() for room in rooms.values()}
    for name, room in rooms.items():
        arrows[room] |= {rooms[other] for other in imports(known[name]) & below} - {room}
    return {room: frozenset(reached) for room, reached in arrows.items()}


def depths(arrows: Arrows) -> dict[str, int]:
    """How far above the lowest each name stands: the longest way down from it, in arrows."""
    found: dict[str, int] = {}
    for name in TopologicalSorter(arrows).static_order():
        found[name] = max((found[other] + 1 for other in arrows[name]), default=0)
    return found


def shortened(arrows: Arrows) -> Arrows:
    """The arrows without those that only say what longer ways say already."""
    reached: dict[str, frozenset[str]] = {}
    for name in TopologicalSorter(arrows).static_order():
        further = frozenset().union(*(reached[other] for other in arrows[name]))
        reached[name] = arrows[name] | further
    return {
        name: frozenset(o for o in there if not any(o in reached[p] for p in there - {o}))
        for name, there in arrows.items()
    }
