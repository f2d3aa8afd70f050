"""The cache vouches for what is in it, and touches nothing that is not its own."""

import hashlib
import os
import subprocess
import sys

import pytest

from pagereel.errors import MachineFailed
from pagereel.storage import cache as cache_module
from pagereel.storage.cache import HOUR, INSIDE, TAG, Cache, cache_folder, prune, rooms

KEY, OTHER = "0" * 40 + ".mp4", "1" * 40 + ".png"


@pytest.fixture
def cache(tmp_path):
    """An empty cache."""
    cache_module._tell_of_damage.cache_clear()
    return Cache(tmp_path / "cache")


def keep(cache, key=KEY, content=b"frames", age=0.0):
    with cache.making(key) as path:
        path.write_bytes(content)
    kept = cache.folder / key
    then = kept.stat().st_mtime - age
    os.utime(kept, (then, then))
    return kept


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_is_kept_is_found_with_its_digest_beside_it(cache):
    kept = keep(cache)
    assert cache.find(KEY) == kept and kept.read_bytes() == b"frames"
    assert cache.find(OTHER) is None
    assert names(cache.folder) == [KEY, f"{KEY}.sha256", TAG]
    seal = (cache.folder / f"{KEY}.sha256").read_text("utf-8")
    assert seal == f"{hashlib.sha256(b'frames').hexdigest()}  {KEY}\n"


def flipped(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def shortened(path):
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path):
    path.write_bytes(b"")


def piped(path):
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("spoil", [flipped, shortened, emptied, piped])
def test_what_is_damaged_is_not_there_and_that_is_said_once(spoil, cache, capsys):
    spoil(keep(cache))
    spoil(keep(cache, OTHER))
    assert cache.find(KEY) is None and cache.find(OTHER) is None
    assert cache.find(KEY) is None
    told = capsys.readouterr().err
    assert told.startswith(f"warning: the cache in {cache.folder} has damaged files, which are")
    assert told.count("\n") == 1
    assert names(cache.folder) == [TAG]
    assert cache.find(KEY) is None
    assert keep(cache) == cache.find(KEY)


def test_a_file_without_its_digest_is_not_there_and_no_damage(cache, capsys):
    kept = keep(cache)
    seal = kept.with_name(f"{KEY}.sha256")
    seal.write_text("", "utf-8")
    assert cache.find(KEY) is None
    seal.unlink()
    assert cache.find(KEY) is None
    assert capsys.readouterr().err == ""


def test_a_file_enters_only_when_it_is_on_the_disk(cache, monkeypatch):
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(os.fstat(fd).st_ino), fsync(fd)))
    assert keep(cache).stat().st_ino in synced

    def full(handle):
        raise OSError(28, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        keep(cache, OTHER)
    assert cache.find(OTHER) is None
    assert names(cache.folder) == [KEY, f"{KEY}.sha256", TAG]


def test_the_folder_is_marked_as_a_cache_that_backups_leave_out(cache):
    keep(cache)
    tag = (cache.folder / TAG).read_bytes()
    assert tag.startswith(b"Signature: 8a477f597d28d172789f06886806bc55\n")
    assert b"pagereel" in tag


STRANGERS = ("notes.txt", "film.mp4", ".making-of.txt", "a" * 40, f"{'A' * 40}.mp4", "x.sha256")


def test_only_its_own_are_removed_and_the_last_used_stay(cache):
    for name in STRANGERS:
        keep(cache, KEY)
        (cache.folder / name).write_bytes(b"precious" * 100)
        os.utime(cache.folder / name, (0, 0))
    keep(cache, KEY, age=2 * HOUR)
    keep(cache, OTHER, age=3 * HOUR)
    small = Cache(cache.folder, limit_bytes=len(b"frames"))
    small.tidy()
    assert set(names(cache.folder)) == {*STRANGERS, KEY, f"{KEY}.sha256", TAG}
    prune(small.entries(), 0)
    assert set(names(cache.folder)) == {*STRANGERS, TAG}


def test_what_was_used_within_the_hour_stays_whatever_the_limit(cache):
    keep(cache, KEY, age=HOUR - 60)
    Cache(cache.folder, limit_bytes=0).tidy()
    assert cache.find(KEY)


def test_a_folder_that_is_not_marked_is_not_tidied(tmp_path):
    (tmp_path / KEY).write_bytes(b"a stranger's, by whatever chance")
    os.utime(tmp_path / KEY, (0, 0))
    Cache(tmp_path, limit_bytes=0).tidy()
    assert names(tmp_path) == [KEY]


def test_in_a_folder_with_other_things_the_cache_has_one_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("PAGEREEL_CACHE", str(tmp_path / "named"))
    assert cache_folder() == tmp_path / "named"
    (tmp_path / "named").mkdir()
    assert cache_folder() == tmp_path / "named"
    keep(Cache(cache_folder()))
    (tmp_path / "named" / "notes.txt").write_text("x", "utf-8")
    assert cache_folder() == tmp_path / "named", "it is marked"

    monkeypatch.setenv("PAGEREEL_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path / INSIDE
    keep(Cache(cache_folder()))
    assert names(tmp_path) == ["named", INSIDE]
    (tmp_path / TAG).write_text("Signature: 8a477f597d28d172789f06886806bc55\n# of others", "utf-8")
    assert cache_folder() == tmp_path / INSIDE


def test_the_cache_of_an_earlier_version_is_taken_over(tmp_path, monkeypatch):
    monkeypatch.setenv("PAGEREEL_CACHE", str(tmp_path))
    for name in (KEY, OTHER, ".making-abcdefgh.mp4", ".making-abcdefgh~"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "listed").mkdir()
    assert cache_folder() == tmp_path
    assert Cache(tmp_path).find(KEY) is None, "nobody vouches for it"


def test_the_rooms_of_a_cache_are_those_that_are_marked(cache):
    keep(cache)
    keep(Cache(cache.folder / "listed"))
    (cache.folder / "strange").mkdir()
    assert [room.folder for room in rooms(cache.folder)] == [
        cache.folder,
        cache.folder / "listed",
    ]
    assert rooms(cache.folder / "nowhere") == []


def test_what_killed_makers_left_goes_when_the_next_one_is_through(cache, environment):
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from pagereel.storage.cache import Cache\n"
        f"with Cache(Path(sys.argv[1])).making('{KEY}') as path:\n"
        "    path.write_bytes(b'half')\n"
        "    print(path, flush=True)\n"
        "    time.sleep(600)\n"
    )
    words = [sys.executable, "-c", code, str(cache.folder)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout.readline()
        cache.tidy()
        assert len(names(cache.folder)) == 2, "it lives"
        running.kill()
    cache.tidy()
    assert names(cache.folder) == [TAG]


def test_a_digest_whose_file_is_gone_goes(cache):
    keep(cache).unlink()
    (cache.folder / "notes.sha256").write_text("x", "utf-8")
    cache.tidy()
    assert names(cache.folder) == [TAG, "notes.sha256"]


def test_a_file_in_the_way_of_the_cache_is_one_clear_line(tmp_path):
    (tmp_path / "cache").write_text("in the way", "utf-8")
    with pytest.raises(MachineFailed, match="set PAGEREEL_CACHE"):
        keep(Cache(tmp_path / "cache"))
