"""What fits: a model on real GPUs, in the terms that vLLM logs when it starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pagereel.errors import InputWrong
from pagereel.model.core.quoting import shown
from pagereel.model.core.sizes import UNITS, human_bytes, read_bytes
from pagereel.model.sizing.architecture import Architecture
from pagereel.model.sizing.capacity import Limits, Pool, form_groups
from pagereel.model.sizing.cards import CARDS, Card
from pagereel.model.sizing.parallel import Parallel, misfits, weight_bytes
from pagereel.sizing.logs import Range, overheads
from pagereel.sizing.models import FoundModel, find_model
from pagereel.sizing.wishes import SizeWishes
from pagereel.words import did_you_mean

BLOCK_SIZE, LATENT_BLOCK_SIZE = 16, 64
"""Tokens a block where nothing is said; with MLA it is what vLLM's kernels for it take."""


@dataclass(frozen=True, slots=True)
class Claim:
    """How a GPU's memory is divided, on the pipeline stage that is scarcest; in bytes."""

    card: Card
    utilization: float
    claimed: int
    """The card's memory times the utilization."""
    weights: int
    weights_from: str
    """How they are known, in words."""
    overhead: Range
    """What only profiling knows: activations, CUDA graphs, what libraries take. Of a known one
    all three are equal."""
    overhead_from: str

    def available(self, overhead: int) -> int:
        """What is left for K/V."""
        return self.claimed - self.weights - overhead


@dataclass(frozen=True, slots=True)
class Sized:
    """The answer."""

    wishes: SizeWishes
    found: FoundModel
    parallel: Parallel
    dtype: str
    block_size: int
    batched_tokens: int
    claim: Claim | None
    """None where the K/V memory itself was given."""
    pools: tuple[Pool, ...]
    """Of one engine: as assumed; then, if it is an assumption, with the most and the least else."""

    @property
    def model(self) -> Architecture:
        """The model."""
        return self.found.architecture

    @property
    def pool(self) -> Pool:
        """What one engine has."""
        return self.pools[0]

    @property
    def is_exact(self) -> bool:
        """Whether nothing in it is assumed."""
        return len(self.pools) == 1

    @property
    def available(self) -> int:
        """Bytes for K/V on the GPU that has least room for blocks."""
        stages = range(len(self.pool.available))
        scarce = min(stages, key=lambda s: self.pool.available[s] // self.pool.block_bytes[s])
        return self.pool.available[scarce]


def size(wishes: SizeWishes) -> Sized:
    """Size a model. Raises `InputWrong` with all that is wrong."""
    wrong: list[str] = []
    amounts = {name: _amount(f"--{name}", given, wrong) for name, given in _amounts(wishes)}
    parallel = Parallel(wishes.tensor, wishes.pipeline, wishes.data, wishes.experts)
    card, found = _card(wishes, amounts["gpu-memory"], wrong), _found(wishes.model, wrong)
    if found:
        model = found.architecture
        wrong += [f"--model {model.name}: {told}" for told in misfits(model, parallel)]
    if wrong or found is None:
        raise InputWrong("\n".join(wrong))
    model = found.architecture
    dtype, longest = wishes.kv_dtype or model.dtype, wishes.max_model_len or model.max_len
    latent = any(layer.latent for layer in model.layers)
    block_size = wishes.block_size or (LATENT_BLOCK_SIZE if latent else BLOCK_SIZE)
    if not longest:
        raise InputWrong(f"--max-model-len: {model.name} does not say how long a request can be")
    try:
        groups = form_groups(model, parallel, dtype, block_size, wishes.whole)
    except ValueError as refusal:
        raise InputWrong(f"--model {model.name}: cannot be sized: {refusal}") from None
    batched = wishes.batched_tokens or (card.batched_tokens if card else 2048)
    limits = Limits(longest, batched * _batches(wishes))

    claim = None
    if amounts["kv-memory"] is not None:
        rooms = [(amounts["kv-memory"],) * wishes.pipeline]
    else:
        assert card, "checked above"
        claims = [*_claims(wishes, found, parallel, card, amounts)]
        claim = max(claims, key=lambda one: one.weights)
        rooms = [tuple(one.available(each) for one in claims) for each in claim.overhead.values]
    pools = tuple(Pool(groups, limits, room) for room in dict.fromkeys(rooms))
    return Sized(wishes, found, parallel, dtype, block_size, batched, claim, pools)


def _amounts(wishes: SizeWishes) -> Iterator[tuple[str, str | None]]:
    yield "gpu-memory", wishes.gpu_memory
    yield "weights", wishes.weights
    yield "overhead", wishes.overhead
    yield "kv-memory", wishes.kv_memory


def _amount(name: str, given: str | None, wrong: list[str]) -> int | None:
    found = None if given is None else read_bytes(given)
    if given is not None and found is None:
        wrong.append(f"{name} {shown(given)}: give a number and a unit: {', '.join(UNITS)}")
    return found


def _found(given: str, wrong: list[str]) -> FoundModel | None:
    try:
        return find_model(given)
    except InputWrong as problem:
        wrong.append(str(problem))
        return None


def _card(wishes: SizeWishes, memory: int | None, wrong: list[str]) -> Card | None:
    """The GPU that is named, or one of the size that is given; None where K/V memory is."""
    if wishes.gpu is not None and wishes.gpu not in CARDS:
        hint = did_you_mean(wishes.gpu, CARDS)
        wrong.append(f"--gpu: no GPU {shown(wishes.gpu)}; {hint}, or give its --gpu-memory")
        return None
    card = CARDS[wishes.gpu] if wishes.gpu else None
    if memory is not None:
        told = card.title if card else "a GPU"
        speed = (card.bytes_per_second, card.flops) if card else (0.0, 0.0)
        return Card(told, memory, "--gpu-memory", *speed)
    if card is None and wishes.kv_memory is None:
        wrong.append("name a GPU with --gpu, or its memory with --gpu-memory, or give --kv-memory")
    return card


def _batches(wishes: SizeWishes) -> int:
    """Steps under way at once: one a pipeline stage; two where one is scheduled ahead."""
    return max(wishes.pipeline, 1 if wishes.synchronous else 2)


def _claims(
    wishes: SizeWishes,
    found: FoundModel,
    parallel: Parallel,
    card: Card,
    amounts: dict[str, int | None],
) -> Iterator[Claim]:
    """What is claimed on a GPU of each stage. Raises `InputWrong` where weights are not known."""
    claimed = int(card.memory_bytes * wishes.utilization)
    weights, told = _weights(found, parallel, amounts["weights"])
    given, known = amounts["overhead"], overheads()
    overhead = known.range if given is None else Range(given, given, given)
    source = "--overhead" if given is not None else known.told
    for each in weights:
        yield Claim(card, wishes.utilization, claimed, each, told, overhead, source)


def _weights(
    found: FoundModel, parallel: Parallel, given: int | None
) -> tuple[tuple[int, ...], str]:
    """Bytes on a GPU of each stage, and how they are known."""
    model = found.architecture
    if given is not None:
        return (given,) * parallel.pipeline, "--weights"
    counted = weight_bytes(model, parallel)
    if found.stored_bytes:
        if not model.uncounted:  # the same shares, of what really lies there
            part = found.stored_bytes / sum(weight_bytes(model, Parallel()))
            return tuple(round(each * part) for each in counted), "its safetensors files"
        each = found.stored_bytes // (parallel.tensor * parallel.pipeline)
        return (each,) * parallel.pipeline, "its safetensors files, shared equally"
    if model.uncounted and not model.parameters:
        raise InputWrong(
            f"--model {model.name}: {model.uncounted}; give --weights, as {human_bytes(2**34)}"
        )
    packed = f", {model.packing.name}" if model.packing else ", 16 bits"
    told = f"{model.parameters:,} parameters{packed}"
    return counted, f"{told}; {model.uncounted}" if model.uncounted else told
