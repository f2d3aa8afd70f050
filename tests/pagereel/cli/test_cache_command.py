"""`pagereel cache` tells where clips are kept and how much there is, checks them, and cuts them."""

import json

import pytest
from typer.testing import CliRunner

from pagereel.cli.app import app
from pagereel.errors import InputWrong, MachineFailed
from pagereel.storage.cache import TAG, Cache


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A cache of five clips and a listing, of 100 bytes each, and a stranger's file."""
    monkeypatch.setenv("PAGEREEL_CACHE", str(tmp_path / "cache"))
    for number in range(5):
        keep(Cache(tmp_path / "cache"), f"{number:040}.mp4")
    keep(Cache(tmp_path / "cache" / "listed"), "0" * 40 + ".json")
    (tmp_path / "cache" / "notes.txt").write_bytes(b"x" * 999)
    return tmp_path / "cache"


def keep(cache, key):
    with cache.making(key) as path:
        path.write_bytes(b"x" * 100)


def run(*words):
    """What it prints; raises what it raises."""
    done = CliRunner().invoke(app, ["cache", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_place_number_and_size_are_told(folder):
    assert run() == f"{folder}: 6 files, 600 B\n"
    assert json.loads(run("--json")) == {
        "folder": str(folder),
        "files": 6,
        "bytes": 600,
        "limit_bytes": 4 << 30,
    }


def test_where_nothing_is_kept_there_is_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("PAGEREEL_CACHE", str(tmp_path / "none"))
    assert run("--check") == f"{tmp_path / 'none'}: 0 files, 0 B, none is damaged\n"
    run("--prune", "0")
    assert not (tmp_path / "none").exists()
    (tmp_path / "none").write_text("in the way", "utf-8")
    with pytest.raises(MachineFailed, match="cannot use the cache"):
        run()


def test_a_check_finds_what_is_damaged_and_changes_nothing(folder):
    assert run("--check").endswith("6 files, 600 B, none is damaged\n")
    spoilt = folder / ("0" * 39 + "3.mp4")
    spoilt.write_bytes(b"y" * 100)
    for words in (("--check",), ("--check", "--json")):
        with pytest.raises(MachineFailed, match=f"damaged, to be made again .* {spoilt};"):
            run(*words)
    assert spoilt.exists()


@pytest.mark.parametrize(("size", "left"), [("0", 0), ("250B", 2), ("0.3kB", 3), (None, 6)])
def test_it_is_cut_to_a_size_and_nothing_else_is_touched(size, left, folder):
    told = run("--prune", *([size] if size else []))
    assert told == f"{folder}: {left} files, {100 * left} B\n"
    assert (folder / "notes.txt").exists() and (folder / TAG).exists()


@pytest.mark.parametrize("size", ["five", "1e3", "", "-1"])
def test_a_size_that_is_none_is_refused(size, folder):
    with pytest.raises(InputWrong, match="give a number and a unit"):
        run("--prune", "--", size)


def test_a_size_alone_is_a_wrong_call(folder):
    done = CliRunner().invoke(app, ["cache", "1MiB"])
    assert done.exit_code == 2 and "--prune" in done.output
