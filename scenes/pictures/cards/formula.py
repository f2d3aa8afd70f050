"""The formulas that cards show, in Typst's notation, with the numbers of the storyboard's model.

Storyboards name a formula and never write one: Typst is a language, and no code runs from a file.
"""

from __future__ import annotations

from collections.abc import Callable

from model.geometry import Geometry


def formula(name: str, geometry: Geometry) -> str:
    """The formula of that name (a key of `model.panels.FORMULAS`). Raises KeyError."""
    return _SOURCES[name](geometry)


def _bytes_per_token(shape: Geometry) -> str:
    """What one slot weighs, factor by factor."""
    if shape.latent:
        factors = f'{shape.layers} "layers" dot {shape.latent} "latent elements"'
    else:
        factors = (
            f'2 dot {shape.layers} "layers" dot {shape.kv_heads} "KV heads" '
            f'dot {shape.head_dim} "elements"'
        )
    element = shape.bytes_per_layer // (shape.latent or 2 * shape.kv_heads * shape.head_dim)
    unit = "byte" if element == 1 else "bytes"
    total = f"{shape.bytes_per_token:,}".replace(",", "thin")
    return f'{factors} dot {element} "{unit}" = {total} "bytes"'.replace("thin", " thin ")


def _blocks(shape: Geometry) -> str:
    return '"blocks" = ceil("tokens" / "block size")'


def _waste(shape: Geometry) -> str:
    return '"empty slots of a sequence" < "block size"'


def _attention(shape: Geometry) -> str:
    """Softmax over the scores, then their mean of the values; not the paper's equation 4, whose
    printed form has the ones-vector inside the exponential."""
    score = "exp(q dot k_{0} slash sqrt(d))"
    weight = f"a_i = {score.format('i')} / (sum_(j <= t) {score.format('j')})"
    return f"o = sum_(i <= t) a_i v_i, quad {weight}"


_SOURCES: dict[str, Callable[[Geometry], str]] = {
    "bytes-per-token": _bytes_per_token,
    "blocks": _blocks,
    "waste": _waste,
    "attention": _attention,
}
