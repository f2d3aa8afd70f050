"""Voices: programs and models that speak, and people who did.

Nothing here is needed for a silent video. Programs are looked for on this machine; models are
files that the user names. No voice uses the network.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from pagereel.errors import InputWrong, MachineFailed
from pagereel.model.core.quoting import shown
from pagereel.model.storyboard.timeline import Utterance
from pagereel.render.speech.recordings import recorded
from pagereel.render.speech.speech import Narrator, Take, fingerprint

LONGEST_SECONDS = 120
"""No program takes longer for one caption."""


def voice_named(name: str) -> Narrator:
    """The voice of `flite`, `recorded:DIR` and the like. Raises `InputWrong`."""
    kind, _, where = name.partition(":")
    if kind not in VOICES:
        raise InputWrong(f"--voice {name}: there are {', '.join(VOICES)}")
    place, make = VOICES[kind]
    if place and not where:
        raise InputWrong(f"--voice {name}: say where, as {kind}:{place}")
    if where and not place:
        raise InputWrong(f"--voice {name}: {kind} takes no path")
    return make(where)


@dataclass(frozen=True, slots=True)
class Program:
    """A program that reads text from a file and writes a WAV."""

    path: str
    arguments: tuple[str, ...]
    """`{text}` and `{wav}` stand for the two files."""
    identity: str

    def takes(self, told: Sequence[Sequence[Utterance]]) -> tuple[tuple[Take | None, ...], ...]:
        """See `Narrator`."""
        return _read_out(self, told)

    def speak(self, text: str, path: Path) -> None:
        """The text goes through a file: it is never part of a command."""
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as script:
            script.write(spoken(text) + "\n")
            script.flush()
            places = {"text": script.name, "wav": str(path)}
            command = [self.path, *(part.format(**places) for part in self.arguments)]
            try:
                done = subprocess.run(
                    command, capture_output=True, timeout=LONGEST_SECONDS, check=False
                )
            except (OSError, subprocess.TimeoutExpired) as problem:
                raise MachineFailed(f"{self.path} did not speak: {problem}") from problem
        if done.returncode or not path.exists():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise MachineFailed(f"{self.path} failed: {said[-1] if said else 'without a word'}")


def _flite(_: str) -> Narrator:
    return _program("flite", ("-f", "{text}", "-o", "{wav}"))


def _espeak(_: str) -> Narrator:
    return _program("espeak-ng", ("-s", "155", "-f", "{text}", "-w", "{wav}"))


def _program(name: str, arguments: tuple[str, ...]) -> Narrator:
    path = shutil.which(name)
    if path is None:
        raise InputWrong(f"--voice {name}: the program is not installed (apt install {name})")
    version = subprocess.run([path, "--version"], capture_output=True, check=False, timeout=20)
    told = version.stdout.decode(errors="replace").strip()
    return Program(path, arguments, f"{name} {told} {' '.join(arguments)}")


@dataclass(frozen=True, slots=True)
class Model:
    """A speech model that runs in this process, loaded when it first speaks."""

    load: Callable[[], Callable[[str, Path], None]]
    identity: str

    def takes(self, told: Sequence[Sequence[Utterance]]) -> tuple[tuple[Take | None, ...], ...]:
        """See `Narrator`."""
        return _read_out(self, told)

    def speak(self, text: str, path: Path) -> None:
        """Load the model, once, and let it speak."""
        self.load()(spoken(text), path)


def _read_out(
    voice: Program | Model, told: Sequence[Sequence[Utterance]]
) -> tuple[tuple[Take | None, ...], ...]:
    """Every utterance by itself."""

    def take(text: str) -> Take | None:
        if not any(character.isalnum() for character in text):
            return None
        name = f"what {voice.identity.split()[0]} says of {shown(text)}"
        return Take(f"{voice.identity}\n{text}", name, partial(voice.speak, text))

    return tuple(tuple(take(utterance.words) for utterance in said) for said in told)


def _piper(where: str) -> Narrator:
    """Piper: a voice is MODEL.onnx, with MODEL.onnx.json beside it."""
    model = Path(where)
    for part in (model, model.with_name(model.name + ".json")):
        if not part.is_file():
            raise InputWrong(f"--voice piper:{where}: {part} is missing")

    @cache
    def load() -> Callable[[str, Path], None]:
        piper = _package("piper", "piper-tts")
        voice = piper.PiperVoice.load(str(model))

        def say(text: str, path: Path) -> None:
            with wave.open(str(path), "wb") as out:
                voice.synthesize_wav(text, out)

        return say

    return Model(load, f"piper {fingerprint(model)}")


def _kokoro(where: str) -> Narrator:
    """Kokoro: a folder with kokoro*.onnx and voices*.bin."""
    models, styles = sorted(Path(where).glob("kokoro*.onnx")), sorted(Path(where).glob("voices*"))
    if not models or not styles:
        raise InputWrong(f"--voice kokoro:{where}: needs kokoro*.onnx and voices*.bin there")

    @cache
    def load() -> Callable[[str, Path], None]:
        speaker = _package("kokoro_onnx", "kokoro-onnx").Kokoro(str(models[0]), str(styles[0]))

        def say(text: str, path: Path) -> None:
            samples, rate = speaker.create(text, voice=_STYLE, speed=1.0, lang="en-us")
            with wave.open(str(path), "wb") as out:
                out.setnchannels(1)
                out.setsampwidth(2)
                out.setframerate(rate)
                out.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())

        return say

    return Model(load, f"kokoro {_STYLE} {fingerprint(models[0])} {fingerprint(styles[0])}")


_STYLE = "af_heart"
"""Kokoro's first voice."""


def _package(module: str, package: str) -> Any:  # noqa: ANN401  # an optional package's module
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as problem:
        raise InputWrong(
            f"the Python package {package} is missing; `pip install 'pagereel[voice]'`"
        ) from problem


VOICES: dict[str, tuple[str, Callable[[str], Narrator]]] = {
    "flite": ("", _flite),
    "espeak-ng": ("", _espeak),
    "recorded": ("DIR", recorded),
    "piper": ("MODEL", _piper),
    "kokoro": ("DIR", _kokoro),
}
"""For each voice what it must be told the place of, if anything, and how to find it."""


def spoken(text: str) -> str:
    """The text as it is read out: what is written for the eye is put into words."""
    for sign, word in _SAID:
        text = text.replace(sign, word)
    return "".join(character if character.isprintable() else " " for character in text)


_SAID = (
    ("K/V", "keys and values"),
    ("KiB", "kibibytes"),
    ("MiB", "mebibytes"),
    ("GiB", "gibibytes"),
    ("×", " times "),
    ("“", ""),
    ("”", ""),
)
