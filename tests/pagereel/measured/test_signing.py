"""A record says who vouches for it: unsigned, signed, or signed by somebody else."""

import shutil
import subprocess

import pytest

from places import ROOT

RECORD = ROOT / "measurements" / "results" / "2026-11-20-cpu.json"
needs_ssh = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="no ssh-keygen here")


@pytest.fixture
def record(tmp_path):
    for path in RECORD.parent.glob(f"{RECORD.stem}.*"):
        shutil.copy(path, tmp_path)
    return tmp_path / RECORD.name


def key(folder, name):
    path = folder / name
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "nobody", "-f", str(path)]
    subprocess.run(words, check=True)
    return path


@needs_ssh
def test_a_record_is_signed_checked_and_refused_with_another_key(record, tmp_path, pagereel):
    mine, other = key(tmp_path, "mine"), key(tmp_path, "other")
    done = pagereel("measure", record)
    assert done.returncode == 2
    done = pagereel("measure", "--sign", mine, record)
    assert done.returncode == 0 and f"{record}.sig: made with mine" in done.stdout, done.stderr
    done = pagereel("measure", "--validate", record, "--signer", f"{mine}.pub")
    assert f"{record}: consistent, signed, SHA256:" in done.stdout, done.stderr
    assert "nobody signed it" not in done.stdout
    done = pagereel("measure", "--validate", record, "--signer", f"{other}.pub")
    assert done.returncode == 1 and "it is not signed with other.pub" in done.stderr
    record.write_text(record.read_text("utf-8") + "\n", "utf-8")
    done = pagereel("measure", "--validate", record)
    assert done.returncode == 1 and "is no signature of it" in done.stderr


def test_an_unsigned_record_says_so_and_what_it_cannot_show(pagereel):
    done = pagereel("measure", "--validate", RECORD)
    assert f"{RECORD}: consistent, unsigned, 16 of 16 cells measured" in done.stdout
    assert "machine, load, date and code are its word alone" in done.stdout
    assert "whoever can write such a file could have made it up" in done.stdout
