"""Finds the model that somebody names: one known by name, a `config.json`, a folder, a hub's id."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pagereel.errors import InputWrong
from pagereel.model.core.plain_json import BadJson, parse
from pagereel.model.core.quoting import shown
from pagereel.model.sizing.architecture import Architecture
from pagereel.model.sizing.config import read_architecture
from pagereel.model.sizing.keys import BadConfig
from pagereel.model.sizing.known import KNOWN
from pagereel.storage.incoming import LARGEST, Unreadable, pieces, text_of
from pagereel.words import did_you_mean, printable

CONFIG, INDEX = "config.json", "model.safetensors.index.json"
MOST_CONFIG, MOST_INDEX = 2**22, 2**25
"""Bytes of a configuration, and of the index of its weights."""
_HUB_ID = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model, and where it was found."""

    architecture: Architecture
    source: str
    """In words, for the reader."""
    stored_bytes: int | None = None
    """Of its published weights, from the files beside its configuration; None if none are there."""


def find_model(given: str) -> FoundModel:
    """The model that is named. Raises `InputWrong` with all that is wrong."""
    if given in KNOWN:
        return FoundModel(read_architecture(KNOWN[given], given), "its published configuration")
    path = Path(given)
    if path.is_dir():
        return _read(path / CONFIG)
    if path.suffix == ".json" or path.exists():
        return _read(path)
    if _HUB_ID.fullmatch(given):
        return _from_hub(given)
    hint = did_you_mean(given, KNOWN) or "name one of docs/reference/models.md, or a config.json"
    raise InputWrong(f"--model: no model {shown(given)}; {hint}")


def _read(path: Path, name: str = "") -> FoundModel:
    """A configuration on the disk, with the size of the weights beside it."""
    name = name or _named(path)
    try:
        document = parse(text_of(path, MOST_CONFIG))
        stored = _stored_bytes(path.parent)
    except Unreadable as problem:
        raise InputWrong(problem.of(path)) from None
    except BadJson as problem:
        where = f"{path}:{problem.line}:{problem.column}" if problem.line else f"{path}"
        raise InputWrong(f"{where}: {problem.message}") from None
    if not isinstance(document, dict):
        raise InputWrong(f"{path}: a configuration is a JSON object, not {shown(document)}")
    try:
        return FoundModel(read_architecture(document, name), str(path), stored)
    except BadConfig as wrong:
        raise InputWrong("\n".join(f"{path}: {problem}" for problem in wrong.problems)) from None


def _named(path: Path) -> str:
    """What a model on the disk is called: its folder, or its file."""
    return printable(path.absolute().parent.name if path.name == CONFIG else path.stem)


def _stored_bytes(folder: Path) -> int | None:
    """Bytes of the tensors in the safetensors files of a folder; None if there are none.

    Raises `Unreadable`, `BadJson`.
    """
    index = folder / INDEX
    if index.exists():
        document = parse(text_of(index, MOST_INDEX))
        about = document.get("metadata") if isinstance(document, dict) else None
        total = about.get("total_size") if isinstance(about, dict) else None
        return total if isinstance(total, int) and total > 0 else None
    files = list(_tensors(folder))
    return sum(files) if files else None


def _tensors(folder: Path) -> Iterator[int]:
    """Bytes of the tensors of each file: all that stands behind its header."""
    for path in sorted(folder.glob("*.safetensors")):
        start = next(pieces(path, LARGEST), b"")[:8]
        header = int.from_bytes(start, "little")
        yield max(path.stat().st_size - 8 - header, 0)


def _from_hub(given: str) -> FoundModel:
    """A model of the hub, from its cache or, where there is a network, from the hub itself."""
    try:
        hub = importlib.import_module("huggingface_hub")
    except ImportError:
        raise InputWrong(
            f"--model {given}: no such file; for a model of the hub install huggingface_hub, "
            f"or download its {CONFIG} and name that"
        ) from None
    try:
        path = Path(hub.hf_hub_download(given, CONFIG))
    except Exception as problem:  # the hub's client raises what its layers raise
        told = str(problem).strip().splitlines()[0] if str(problem).strip() else repr(problem)
        raise InputWrong(f"--model {given}: the hub does not give it: {shown(told)}") from None
    with suppress(Exception):  # a small model has none
        hub.hf_hub_download(given, INDEX)  # lies beside it then
    return _read(path, given)
