"""The tree of modules as text: which there are, and what each imports."""

import ast

from places import ROOT

FOLDERS = ("model", "scenes", "measurements", "pagereel")
GPU = {"torch", "transformers", "vllm", "pynvml"}


def name_of(path):
    """The name under which a file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts if parts[0] == "pagereel" else ("pagereel", *parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def python_files(folder):
    """Those of one folder at the top; links to the others, as `pagereel` has, are not followed."""
    return sorted((ROOT / folder).rglob("*.py"))


MODULES = {name_of(path): path for folder in FOLDERS for path in python_files(folder)}


def folder_of(module):
    """Which of the four big folders a module or an imported name belongs to."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in FOLDERS else "pagereel"


def imports(path):
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


def tops(path):
    return {name.split(".")[0] for name in imports(path)}


def own(path):
    """The modules of ours that a file imports."""
    return imports(path) & MODULES.keys() - {"pagereel"}


def in_room(module, room):
    return module == room or module.startswith(room + ".")
