"""Random weights: the same for every method and machine, or made where they will live."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers

from pagereel.measurements.protocol.models import SHAPES


def configuration(model: str) -> Any:
    """transformers' configuration of a shape."""
    shape = SHAPES[model]
    made = getattr(transformers, f"{shape.family}Config")(
        vocab_size=shape.vocabulary, bos_token_id=0, eos_token_id=0, **shape.config
    )
    made.architectures = [_class_name(model)]
    return made


def build(model: str, dtype: str, device: str) -> Any:
    """The model with seeded weights, ready to generate. It never ends before it is told to."""
    config = configuration(model)
    config._attn_implementation = "sdpa"
    kind = getattr(transformers, _class_name(model))
    torch.manual_seed(0)
    if SHAPES[model].family == "GPT2":
        # Small: made on the CPU in fp32 and cast, because a GPU's random numbers are others.
        made = _spread(kind(config)).to(getattr(torch, dtype)).to(device)
    else:
        made = _build_in_place(kind, config, getattr(torch, dtype), device)
    made.generation_config.eos_token_id = None
    made.generation_config.pad_token_id = 0
    return made.eval()


def saved(model: str, dtype: str, weights: str, folder: Path) -> Path:
    """A folder that vLLM can load: configuration, and the seeded weights unless they are dummies.

    Made once and kept.
    """
    target = folder / f"{model}-{dtype}-{weights}"
    ready = target / "ready"
    if not ready.exists():
        if weights == "dummy":
            configuration(model).save_pretrained(target)
        else:
            build(model, dtype, "cpu").save_pretrained(target)
        ready.touch()
    return target


def _class_name(model: str) -> str:
    family = SHAPES[model].family
    return f"{family}LMHeadModel" if family == "GPT2" else f"{family}ForCausalLM"


def _spread(model: Any) -> Any:
    """Rows of the head scaled apart, so that the best two tokens are rarely a rounding error apart.

    Otherwise greedy tokens of methods that compute the same would part by chance.
    """
    with torch.no_grad():
        head = model.lm_head.weight
        head.mul_(torch.exp(torch.randn(head.shape[0], 1)))
    return model


def _build_in_place(kind: Any, config: Any, dtype: torch.dtype, device: str) -> Any:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            return kind(config)
    finally:
        torch.set_default_dtype(before)
