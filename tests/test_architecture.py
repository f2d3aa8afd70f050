"""The import arrows of the design, and the rules that keep the tree readable and portable.

pagereel -> scenes -> model; pagereel -> measurements -> model. The model and the pure half of
scenes run anywhere Python runs, a browser included.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("model", "scenes", "measurements", "pagereel")
MAY_IMPORT = {
    "model": {"model"},
    "scenes": {"scenes", "model"},
    "measurements": {"measurements", "model"},
    "pagereel": {"pagereel", "scenes", "measurements", "model"},
}
IMPURE = (
    *("scenes.stage", "scenes.outline", "scenes.glyphs", "scenes.faces.build"),
    *("scenes.formulas", "scenes.svgpens"),
)
"""The part of scenes that may use what is not in the standard library."""
GPU = {"torch", "transformers", "vllm", "pynvml"}
SUFFIXES = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".sh", ".json", ".cfg", ".mk", ""}


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    name_of(path): path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))
}


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


def is_impure(module):
    return any(module == name or module.startswith(name + ".") for name in IMPURE)


def tracked():
    """The repository's text files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.suffix in SUFFIXES and path.is_file()]


def test_the_tree_has_modules_to_look_at():
    assert len(MODULES) > 60


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_its_arrows_allow(package):
    strangers = {
        module: tops(path) & set(PACKAGES) - MAY_IMPORT[package]
        for module, path in MODULES.items()
        if module.split(".")[0] == package
    }
    assert {module: found for module, found in strangers.items() if found} == {}


def test_the_model_imports_the_standard_library_alone():
    for module, path in MODULES.items():
        if module.split(".")[0] == "model":
            assert tops(path) <= sys.stdlib_module_names | {"model"}, module


def test_the_pure_half_of_scenes_imports_the_standard_library_and_the_model_alone():
    for module, path in MODULES.items():
        if module.split(".")[0] == "scenes" and not is_impure(module):
            assert tops(path) <= sys.stdlib_module_names | {"model", "scenes"}, module
            assert [name for name in imports(path) if is_impure(name)] == [], module


def test_only_the_stage_imports_manim():
    users = {module for module, path in MODULES.items() if "manim" in tops(path)}
    assert {module for module in users if not module.startswith("scenes.stage")} == set()


def test_only_the_measurements_import_engines_and_gpu_libraries():
    users = {module for module, path in MODULES.items() if tops(path) & GPU}
    assert {module for module in users if not module.startswith("measurements")} == set()


def test_the_model_has_no_clock_no_chance_no_files_and_no_print():
    for module, path in MODULES.items():
        if module.split(".")[0] == "model":
            assert not tops(path) & {"time", "random", "secrets", "os", "pathlib"}, module
            calls = {
                node.func.id
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert not calls & {"print", "open", "input", "hash"}, module


def test_no_module_is_named_like_the_standard_library():
    names = {path.stem for path in [*MODULES.values(), *(ROOT / "tests").glob("*.py")]}
    assert names & set(sys.stdlib_module_names) - {"__init__"} == set()


def test_the_tests_are_flat():
    tests = ROOT / "tests"
    assert sorted(tests.rglob("test_*.py")) == sorted(tests.glob("test_*.py"))
    assert list(tests.rglob("__init__.py")) == []


def test_no_python_file_is_longer_than_300_lines():
    everywhere = [*MODULES.values(), *(ROOT / "tests").glob("*.py"), *ROOT.glob("benchmarks/*.py")]
    lengths = {str(path): len(path.read_text("utf-8").splitlines()) for path in everywhere}
    assert {path: length for path, length in lengths.items() if length > 300} == {}


def test_every_file_of_the_packages_says_what_it_is_for():
    for module, path in MODULES.items():
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), module


def test_the_command_line_is_there_before_anything_heavy_is():
    heavy = ("manim", "av", "pydantic", "numpy", "yaml", "PIL", "fontTools")
    code = f"import sys, pagereel.cli; print([m for m in {heavy} if m in sys.modules])"
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert shown.stdout == "[]\n"


def test_checking_a_storyboard_draws_nothing():
    code = (
        "import sys; from pathlib import Path\n"
        "from pagereel.commands.checking import check_storyboards\n"
        "check_storyboards([Path('tests/valid/every-verb.yaml')], (), 'text')\n"
        "print([m for m in ('manim', 'av', 'numpy') if m in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert shown.stdout.splitlines()[-1] == "[]"


def test_no_text_file_names_a_machine_or_a_package_index():
    home = re.compile(r"(?<![\w./-])/(?:home|Users|root|work|mnt|opt|srv|tmp)/\w|[A-Z]:\\\\?Users")
    index = re.compile(r"index-url|pypi\.|artifactory|nexus|registry\.|simple/", re.IGNORECASE)
    found = []
    for path in tracked():
        if path.name == Path(__file__).name:
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if home.search(line) or index.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []
