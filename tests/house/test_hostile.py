"""A short form of the campaign of hostile files (`make hostile`), and that it would see a fault."""

import subprocess
import sys

import pytest

from places import ROOT, TESTS

HOSTILE = TESTS / "hostile"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the campaign needs Linux")


def python(*words):
    return subprocess.run(
        [sys.executable, *map(str, words)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )


def test_files_that_are_almost_good_do_no_harm():
    done = python(HOSTILE / "campaign.py", "--cases", 40, "--seed", 5, "--jobs", 1)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "40 cases, 0 faults" in done.stdout


WRONG = {
    "1 / 0": "exit 3: ",
    "bytearray(2**31)": "exit 3: ",
    "import os; os.abort()": "exit -6: ",
    "import os; os.write(1, b'\\x1b[1m'); return 'x'": "a terminal obeys '\\x1b'",
    "import sys; sys.exit(1)": "it does not say why",
    "while True: pass": "it takes too long",
    "import time; time.sleep(9)": "it takes too long",
    "return 'x'": "",
}


def test_a_fault_is_seen(tmp_path):
    wrongs = "".join(f"def wrong{n}():\n    {wrong}\n" for n, wrong in enumerate(WRONG))
    code = (
        f"import sys; sys.path.insert(0, {str(HOSTILE)!r})\n"
        "from pathlib import Path; import cell, pagereel.cli.app, pagereel.read as read\n"
        f"{wrongs}cell.CPU_S, cell.WALL_S = 1, 3\n"
        f"for number in range({len(WRONG)}):\n"
        "    read.schema_json = globals()[f'wrong{number}']\n"
        "    print(cell.run(['schema'], Path(sys.argv[1])).fault)\n"
    )
    done = python("-c", code, tmp_path)
    assert done.returncode == 0, done.stderr
    seen = dict(zip(WRONG, done.stdout.split("\n"), strict=False))
    assert [wrong for wrong, fault in WRONG.items() if not seen[wrong].startswith(fault)] == []
    assert seen["return 'x'"] == ""
