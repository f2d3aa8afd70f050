"""The import arrows of the design, and the rules that keep the tree readable and portable.

pagereel -> scenes -> model; pagereel -> measurements -> model; and on every floor the rooms' arrows
run one way. The model, and scenes but for their drawing room, run anywhere Python runs, a browser
included. All rules are rules of folders: a new file is under them without being named here.
"""

import ast
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from pagereel.documents.rooms import TARGET, rooms_svg
from pagereel.documents.tree import FOLDERS, floors, folder_of, imports, modules
from pagereel.storage.cache import RENDERER_ROOMS

from places import ROOT

MODULES = modules()
MAY_IMPORT = {
    "model": {"model"},
    "scenes": {"scenes", "model"},
    "measurements": {"measurements", "model"},
    "pagereel": {"pagereel", "scenes", "measurements", "model"},
}
IMPURE = "pagereel.scenes.drawing"
"""The room of scenes that may use what is not in the standard library."""
GPU = {"torch", "transformers", "vllm", "pynvml"}
MOST_LINES, MOST_NAMES = 500, 16
SUFFIXES = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".sh", ".json", ".cfg", ".mk", ""}


def tops(path):
    """The first parts of all names that a file imports."""
    return {name.split(".")[0] for name in imports(path)}


def own(path):
    """The modules of ours that a file imports."""
    return imports(path) & MODULES.keys() - {"pagereel"}


def in_room(module, room):
    return module == room or module.startswith(room + ".")


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


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_imports_only_what_its_arrows_allow(folder):
    strangers = {
        module: {name for name in own(path) if folder_of(name) not in MAY_IMPORT[folder]}
        for module, path in MODULES.items()
        if folder_of(module) == folder
    }
    assert {module: found for module, found in strangers.items() if found} == {}


FLOORS = dict(floors(MODULES))


@pytest.mark.parametrize("package", FLOORS)
def test_no_arrow_between_the_rooms_of_a_floor_runs_back_up(package):
    try:
        list(TopologicalSorter(FLOORS[package]).static_order())
    except CycleError as circle:
        pytest.fail(f"on the floor of {package}: {' -> '.join(circle.args[1])}")


@pytest.mark.parametrize("package", FLOORS)
def test_a_floor_can_be_taken_in_at_a_glance(package):
    names = sorted(FLOORS[package])
    assert len(names) <= MOST_NAMES, f"{package}: {', '.join(names)}"


def test_the_picture_of_the_rooms_is_what_the_code_is():
    assert (ROOT / TARGET).read_text("utf-8") == rooms_svg(), "draw it again: make docs"


def test_the_model_imports_the_standard_library_alone():
    for module, path in MODULES.items():
        if folder_of(module) == "model":
            assert tops(path) <= sys.stdlib_module_names | {"pagereel"}, module


def test_scenes_but_for_their_drawing_import_the_standard_library_and_the_model_alone():
    for module, path in MODULES.items():
        if folder_of(module) == "scenes" and not in_room(module, IMPURE):
            assert tops(path) <= sys.stdlib_module_names | {"pagereel"}, module
            assert [name for name in own(path) if in_room(name, IMPURE)] == [], module


def test_only_the_drawing_room_imports_manim():
    users = {module for module, path in MODULES.items() if "manim" in tops(path)}
    assert users and {module for module in users if not in_room(module, IMPURE)} == set()


def test_only_the_measurements_import_engines_and_gpu_libraries():
    users = {module for module, path in MODULES.items() if tops(path) & GPU}
    assert {module for module in users if folder_of(module) != "measurements"} == set()


def test_what_turns_clips_into_video_lies_in_the_rooms_whose_digest_names_a_cached_clip():
    rooms = ["pagereel." + room.replace("/", ".") for room in RENDERER_ROOMS]
    for module, path in MODULES.items():
        if any(in_room(module, room) for room in rooms):
            outside = {n for n in own(path) if not any(in_room(n, room) for room in rooms)}
            packages = {n for n in outside if MODULES[n].name == "__init__.py"}
            assert outside - packages == set(), module


def test_the_model_has_no_clock_no_chance_no_files_and_no_print():
    for module, path in MODULES.items():
        if folder_of(module) == "model":
            assert not tops(path) & {"time", "random", "secrets", "os", "pathlib"}, module
            calls = {
                node.func.id
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert not calls & {"print", "open", "input", "hash"}, module


def test_no_module_is_named_like_the_standard_library():
    names = {path.stem for path in [*MODULES.values(), *(ROOT / "tests").rglob("*.py")]}
    assert names & set(sys.stdlib_module_names) - {"__init__", "__main__"} == set()


def test_tests_are_named_apart_and_make_no_packages():
    paths = list((ROOT / "tests").rglob("test_*.py"))
    assert len({path.name for path in paths}) == len(paths)
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_the_tests_mirror_the_rooms():
    rooms = {
        path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")
    }
    homeless = {str(room) for room in rooms if not (ROOT / room).is_dir()}
    assert homeless == {"house"}


def test_no_python_file_is_longer_than_a_reader_stays():
    everywhere = [*MODULES.values(), *ROOT.glob("tests/**/*.py"), *ROOT.glob("benchmarks/*.py")]
    lengths = {str(path): len(path.read_text("utf-8").splitlines()) for path in everywhere}
    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_every_file_of_the_packages_says_what_it_is_for():
    for module, path in MODULES.items():
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), module


def run_python(*words, cwd=ROOT):
    environment = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=cwd, env=environment, capture_output=True, text=True
    )


def test_the_model_and_the_pictures_need_no_installed_package():
    code = (
        "import pagereel, pagereel.model.play, pagereel.scenes.clips, pagereel.scenes.svg\n"
        "import pagereel.scenes.text.frame, pagereel.scenes.lint\n"
        "import pagereel.measurements.running.cell, pagereel.measurements.running.machine"
    )
    done = run_python("-S", "-c", code)
    assert done.returncode == 0, done.stderr


def test_the_half_of_the_conformance_runs_that_is_ours_needs_no_installed_package():
    code = (
        "import sys; sys.path.insert(0, 'tests/conformance'); import engine, oracle, workloads\n"
        "from pagereel.model.traces.playing import trace_of\n"
        "from pagereel.model.traces.workload import read_workload\n"
        "print(len(list(trace_of(read_workload(workloads.random_workload(1))))) > 1)"
    )
    done = run_python("-S", "-c", code)
    assert done.stdout == "True\n", done.stderr


def test_a_stranger_s_modules_of_the_same_names_change_nothing(tmp_path):
    for name in ("model", "scenes", "measurements"):
        (tmp_path / f"{name}.py").write_text('raise SystemExit("not yours")', "utf-8")
    done = run_python("-m", "pagereel", "schema", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_command_line_is_there_before_anything_heavy_is():
    heavy = ("manim", "av", "pydantic", "numpy", "yaml", "PIL", "fontTools", "pagereel.scenes")
    code = f"import sys, pagereel.cli.app; print([m for m in {heavy} if m in sys.modules])"
    assert run_python("-c", code).stdout == "[]\n"


def test_checking_a_storyboard_draws_nothing():
    code = (
        "import sys; from pagereel.cli.boundary import main\n"
        "sys.argv = ['pagereel', 'check', 'tests/valid/every-verb.yaml']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in ('manim', 'av', 'numpy') if m in sys.modules])"
    )
    assert run_python("-c", code).stdout.splitlines()[-1] == "[]"


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
