"""A model's `config.json` asked by name: what it says, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pagereel.model.core.quoting import shown

MOST_LAYERS, MOST = 1024, 2**24
"""Layers of a model, and any other of its numbers: more cannot be meant."""
DTYPES = ("float16", "bfloat16")
"""What matrices are computed in; an engine takes a float32 checkpoint as 16 bits."""

Config = Mapping[str, object]


class BadConfig(ValueError):
    """A configuration that cannot be sized; lists everything that is wrong with it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(slots=True)
class Keys:
    """A configuration; what is wrong with the values asked for is kept in `problems`."""

    given: Config
    problems: list[str] = field(default_factory=list)

    def whole(self, *names: str, usual: int | None = None) -> int:
        """The first of these that is given, a whole number; without `usual` one must be there.

        None, and 0 where there is a `usual`, count as not given.
        """
        found = next((name for name in names if self.given.get(name) is not None), None)
        if found is None:
            if usual is None:
                self.problems.append(f"without {' or '.join(names)}")
            return usual or 0
        value = self.given[found]
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
            self.problems.append(f"{found} must be a whole number, not {shown(value)}")
            return usual or 0
        if not value and usual is None:
            self.problems.append(f"{found} must be more than 0")
        return value or usual or 0

    def flag(self, name: str, usual: bool = False) -> bool:
        """Whether a switch is on."""
        value = self.given.get(name, usual)
        return value if isinstance(value, bool) else usual

    def text(self, name: str, usual: str) -> str:
        """A word."""
        value = self.given.get(name, usual)
        return value if isinstance(value, str) else usual

    def listed(self, name: str) -> list[object]:
        """A list; empty if there is none."""
        value = self.given.get(name)
        return value if isinstance(value, list) else []

    def dtype(self) -> str:
        """What matrices are computed in."""
        word = self.text("dtype", self.text("torch_dtype", "bfloat16"))
        return word if word in DTYPES else "bfloat16"


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers that every family has."""

    layers: int
    hidden: int
    heads: int
    """Query heads."""
    kv_heads: int
    head_dim: int
    latent: int
    """Elements that MLA stores of a token, its rotary key included; else 0."""
    vocabulary: int
    inner: int
    """Width of the part of a layer behind its attention."""


def read_shape(keys: Keys) -> Shape:
    """Shape of a model; where it is not sound, `keys.problems` says so."""
    layers = keys.whole("num_hidden_layers", "n_layer")
    hidden = keys.whole("hidden_size", "n_embd")
    heads = keys.whole("num_attention_heads", "n_head")
    if layers > MOST_LAYERS:
        keys.problems.append(f"num_hidden_layers must be at most {MOST_LAYERS}, not {layers}")
    latent = keys.whole("kv_lora_rank", usual=0)
    return Shape(
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=keys.whole("num_key_value_heads", usual=heads),
        head_dim=keys.whole("head_dim", usual=hidden // heads if heads else 0),
        latent=latent and latent + keys.whole("qk_rope_head_dim"),
        vocabulary=keys.whole("vocab_size"),
        inner=keys.whole("intermediate_size", "ffn_dim", "n_inner", usual=4 * hidden),
    )
