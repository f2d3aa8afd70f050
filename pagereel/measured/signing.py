"""Who vouches for a record: a signature beside it, made and checked by a tool of its own.

`NAME.json.sig` is OpenSSH's (`ssh-keygen -Y`), `NAME.json.minisig` minisign's. A signature says who
stands for the file. Whether its numbers are right it does not say.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from pagereel.measurements.records.record import RecordRefused

NAMESPACE = "pagereel-record"
"""What OpenSSH's signatures are for: one for something else does not count."""
UNSIGNED, UNCHECKED = "unsigned", "signature not checked"
_GOOD = re.compile(r'^Good "[^"]*" signature .* (SHA256:[A-Za-z0-9+/]{43})')


class NotSigned(Exception):
    """The tool did not sign, or is not there; the message says what it said."""


def sign(record: Path, key: Path) -> Path:
    """Sign a record with a private key of OpenSSH or minisign; returns the signature's file.

    Raises `NotSigned`.
    """
    if _is_minisign(key):
        target, command = _minisig(record), ["minisign", "-S", "-s", str(key), "-m", str(record)]
    else:
        target = _sig(record)
        command = ["ssh-keygen", "-Y", "sign", "-n", NAMESPACE, "-f", str(key), str(record)]
    target.unlink(missing_ok=True)
    done = _run(command)
    if done is None or done.returncode or not target.exists():
        said = "it is not installed" if done is None else _said(done)
        raise NotSigned(f"{command[0]} did not sign {record.name}: {said}")
    return target


def trust(record: Path) -> str:
    """In a few words for captions: `unsigned`, or by whose key it is signed.

    Raises `RecordRefused` if there is a signature of another file.
    """
    if not _sig(record).is_file():
        return UNCHECKED if _minisig(record).is_file() else UNSIGNED
    words = ["ssh-keygen", "-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(_sig(record))]
    done = _run(words, record)
    if done is None:
        return UNCHECKED
    match = _GOOD.match(done.stdout)
    if done.returncode or match is None:
        raise RecordRefused(str(record), [f"{_sig(record).name} is no signature of it"])
    return f"signed, {match[1][:17]}…"


def vouched(record: Path, signer: Path) -> None:
    """Raise `RecordRefused` unless a record is signed with the private half of a public key."""
    if _is_minisign(signer):
        done = _run(["minisign", "-V", "-q", "-p", str(signer), "-m", str(record)])
    else:
        with tempfile.TemporaryDirectory(prefix="pagereel-") as folder:
            allowed = Path(folder) / "signers"
            allowed.write_text(f"measurer {signer.read_text('utf-8').strip()}\n", "utf-8")
            words = ["-f", str(allowed), "-I", "measurer", "-n", NAMESPACE, "-s", str(_sig(record))]
            done = _run(["ssh-keygen", "-Y", "verify", *words], record)
    if done is None:
        raise RecordRefused(str(record), ["the tool that checks such a signature is not installed"])
    if done.returncode:
        raise RecordRefused(str(record), [f"it is not signed with {signer.name}: {_said(done)}"])


def _sig(record: Path) -> Path:
    return record.with_name(f"{record.name}.sig")


def _minisig(record: Path) -> Path:
    return record.with_name(f"{record.name}.minisig")


def _is_minisign(key: Path) -> bool:
    with key.open("rb") as opened:
        return opened.read(64).startswith(b"untrusted comment:")


def _run(command: list[str], given: Path | None = None) -> subprocess.CompletedProcess[str] | None:
    """What the tool did; None where it is not installed. It may ask at the terminal for a word."""
    if shutil.which(command[0]) is None:
        return None
    text = given.read_text("utf-8") if given else None
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=120)


def _said(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
    return "".join(c for c in lines[-1][:200] if c.isprintable())
