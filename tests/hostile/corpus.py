"""What the campaign is fed: good files of every kind that pagereel reads, and what reads them."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mutators import (
    mutated_bytes,
    mutated_json,
    mutated_lines,
    mutated_table,
    mutated_words,
    mutated_yaml,
    packed,
)

ROOT = Path(__file__).parents[2]
TESTS, COURSE = ROOT / "tests", ROOT / "storyboards"
RECORD = ROOT / "measurements" / "results" / "2026-11-20-cpu.json"
TRACE = RECORD.with_name(f"{RECORD.stem}.gpt2-four-vllm.jsonl.gz")
AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens\n" + "".join(
    f"2023-11-16 18:15:{second:02}.5,{40 + 37 * second % 300},{90 + 7 * second % 60}\n"
    for second in range(40)
)
MOONCAKE = "".join(
    f'{{"timestamp": {200 * n}, "input_length": {600 + n}, "output_length": {5 + n}, '
    f'"hash_ids": [0, {n}]}}\n'
    for n in range(12)
)
BOARD = """\
title: A recording
model: gpt2
recording: it.jsonl.gz
lanes: {left: {kind: recorded, plays: contiguous/max}, right: {kind: recorded, plays: paged/vllm}}
beats: [{title: One, do: [step: 4], say: "{left.running} and {right.running}."}]
"""

Mutator = Callable[[bytes, random.Random], bytes]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file, and how a case of it is put before pagereel."""

    name: str
    weight: int
    seeds: tuple[bytes, ...]
    says: Mutator
    """What changes its meaning."""
    put: Callable[[Path, bytes, random.Random], Sequence[str]]
    """Writes a case into a folder; the words of the command that reads it."""
    is_packed: bool = False

    def case(self, dice: random.Random) -> bytes:
        """A mutated file."""
        seed = dice.choice(self.seeds)
        if self.is_packed and dice.random() < 0.2:
            return mutated_bytes(packed(seed), dice)
        mutate = dice.choice((mutated_bytes, mutated_words, self.says, self.says))
        return packed(mutate(seed, dice)) if self.is_packed else mutate(seed, dice)


def _board(folder: Path, data: bytes, dice: random.Random) -> Sequence[str]:
    (folder / "it.yaml").write_bytes(data)
    one = ("--aspect", dice.choice(("16:9", "9:16", "1:1")), "--theme", "dark")
    return dice.choice(
        (
            ("check", "it.yaml", *one),
            ("check", "it.yaml", *one),
            ("trace", "it.yaml"),
            ("trace", "--text", "it.yaml"),
            ("list", "."),
            ("frames", "it.yaml", "--format", "svg", "-o", "out"),
        )
    )


def _override(folder: Path, data: bytes, dice: random.Random) -> Sequence[str]:
    text = data.decode("utf-8", "surrogateescape").replace("\0", "\\0")
    return ("trace", str(TESTS / "valid" / "every-verb.yaml"), *_options(text.split("\n")))


def _options(lines: Sequence[str]) -> list[str]:
    return [word for line in lines[:8] for word in ("--set", line)]


def _recording(folder: Path, data: bytes, dice: random.Random) -> Sequence[str]:
    (folder / "it.jsonl.gz").write_bytes(data)
    (folder / "it.yaml").write_text(BOARD, "utf-8")
    return dice.choice((("trace", "it.yaml"), ("check", "it.yaml", "--theme", "dark")))


def _mutated_recording(data: bytes, dice: random.Random) -> bytes:
    """Another recording; its last line counts and digests the others, more often than not."""
    if dice.random() < 0.2:
        return mutated_lines(data, dice)
    *lines, _ = data.splitlines(keepends=True)
    before = mutated_lines(b"".join(lines), dice)
    end = {"lines": len(before.splitlines()), "sha256": hashlib.sha256(before).hexdigest()}
    return before + json.dumps({"end": end}).encode() + b"\n"


def _traffic(name: str) -> Callable[[Path, bytes, random.Random], Sequence[str]]:
    def put(folder: Path, data: bytes, dice: random.Random) -> Sequence[str]:
        (folder / name).write_bytes(data)
        more = dice.choice(((), (), ("--json",), ("--states", "s.jsonl"), ("--limit", "5")))
        return ("replay", name, "--points", "3", *more)

    return put


def _record(folder: Path, data: bytes, dice: random.Random) -> Sequence[str]:
    for trace in RECORD.parent.glob(f"{RECORD.stem}.*.gz"):
        shutil.copy(trace, folder / trace.name)
    (folder / RECORD.name).write_bytes(_sealed(data) if dice.random() < 0.7 else data)
    return ("measure", "--validate", RECORD.name)


def _trace(folder: Path, data: bytes, dice: random.Random) -> Sequence[str]:
    """A trace that its record vouches for, more often than not."""
    document = json.loads(RECORD.read_bytes())
    for entry in document["cells"]:
        traced = entry["cell"]["workload"] == "four" and (entry["measured"] or {}).get("trace")
        if traced and dice.random() < 0.8:
            traced["sha256"] = hashlib.sha256(data).hexdigest()
    (folder / RECORD.name).write_bytes(_sealed(json.dumps(document).encode()))
    (folder / TRACE.name).write_bytes(data)
    return ("replay", TRACE.name, "--points", "3")


def _sealed(data: bytes) -> bytes:
    """A record under a seal of its own, if it is one at all."""
    from pagereel.measurements.records.record import seal

    try:
        document = json.loads(data)
        return json.dumps(document | {"seal": seal(document)}).encode()
    except Exception:  # then it is not
        return data


def _manifest(made: Path, name: str) -> Callable[[Path, bytes, random.Random], Sequence[str]]:
    whole = json.loads((made / name).read_bytes())

    def put(folder: Path, data: bytes, dice: random.Random) -> Sequence[str]:
        shutil.copytree(made, folder, dirs_exist_ok=True)
        (folder / name).write_bytes(data)
        return ("verify", dice.choice((*whole["files"], name)), "--storyboard", "two.yaml")

    return put


def _boards(*folders: Path) -> tuple[bytes, ...]:
    paths = [path for folder in folders for path in sorted(folder.glob("*.yaml"))]
    return tuple(data for path in paths if (data := path.read_bytes()))


def corpus(made: Path) -> list[Kind]:
    """All kinds. `made` has outputs of a storyboard, and a recording: see `prepare`."""
    good, broken = (_boards(*folders) for folders in ((COURSE, TESTS / "tour", TESTS / "valid"),
                                                      (TESTS / "broken",)))  # fmt: skip
    cases = sorted((TESTS / "fixtures" / "vllm" / "cases").glob("*.json"))
    workloads = tuple(path.read_bytes() for path in cases)
    manifests = [
        Kind("manifest", 3, (path.read_bytes(),), mutated_json, _manifest(made, path.name))
        for path in sorted(made.glob("*manifest.json"))
    ]
    assert len(manifests) == 2, manifests
    recording = gzip.decompress((made / "it.jsonl.gz").read_bytes())
    trace = gzip.decompress(TRACE.read_bytes())
    return [
        Kind("storyboard", 45, good, mutated_yaml, _board),
        Kind("broken storyboard", 8, broken, mutated_yaml, _board),
        Kind("override", 8, OVERRIDES, mutated_bytes, _override),
        Kind("recording", 10, (recording,), _mutated_recording, _recording, is_packed=True),
        Kind("workload", 10, workloads, mutated_json, _traffic("it.json")),
        Kind("azure", 4, (AZURE.encode(),), mutated_table, _traffic("it.csv")),
        Kind("mooncake", 4, (MOONCAKE.encode(),), mutated_lines, _traffic("it.jsonl")),
        Kind("record", 6, (RECORD.read_bytes(),), mutated_json, _record),
        Kind("trace", 5, (trace,), mutated_lines, _trace, is_packed=True),
        *manifests,
    ]


OVERRIDES = (
    b"block_size=8\nrequests.A.prompt=Hello world\nbeats.1.title=x",
    b"parameters.slots=32\nlanes.paged.kind=paged/vllm\nbeats.0.do=[{admit: A}, step]",
    b"beats.2.expect=[paged.A.held == 4]\nmodel=gpt2\ntitle='a: b'",
)
