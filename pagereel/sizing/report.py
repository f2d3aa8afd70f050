"""What fits, in words and numbers: the lines of vLLM's log, and each of their terms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pagereel.model.core.sizes import human_bytes
from pagereel.model.sizing.capacity import Pool, keeps
from pagereel.model.sizing.parallel import KV_DTYPES, token_bytes
from pagereel.sizing.size import Claim, Sized

_NAME, _SIZE = 34, 14


def gib(count: float) -> str:
    """Bytes as vLLM prints them: `53.68 GiB`."""
    return f"{count / 2**30:,.2f} GiB"


def log_lines(sized: Sized, pool: Pool | None = None) -> tuple[str, str]:
    """The two lines that vLLM 0.32 logs when it starts."""
    pool = pool or sized.pool
    return (
        f"Available KV cache memory: {sized.available / 2**30:.2f} GiB",
        f"GPU KV cache size: {pool.tokens:,} tokens, Maximum concurrency for "
        f"{pool.limits.max_model_len:,} tokens per request: {pool.concurrency:.2f}x",
    )


def report(sized: Sized) -> str:
    """All of it for people."""
    parts = [title(sized)]
    if sized.claim:
        parts.append("\n".join(_claim(sized, sized.claim)))
    parts.append("\n".join(_log(sized)))
    parts.append("\n".join(_terms(sized)))
    return "\n\n".join(parts)


def title(sized: Sized) -> str:
    """What is sized, in one line."""
    ways = [
        f"{name} parallel {count}"
        for name, count in (
            ("tensor", sized.parallel.tensor),
            ("pipeline", sized.parallel.pipeline),
            ("data", sized.parallel.data),
        )
        if count > 1
    ]
    card = sized.claim.card.title if sized.claim else "GPU"
    count = f"{sized.parallel.gpus} x {card}" if sized.parallel.gpus > 1 else card
    return f"{sized.model.name} on {count}" + (f" ({', '.join(ways)})" if ways else "")


def _row(name: str, size: str, told: str) -> str:
    return f"  {name:<{_NAME}}{size:>{_SIZE}}   {told}".rstrip()


def _claim(sized: Sized, claim: Claim) -> Iterator[str]:
    yield "Each GPU" if sized.parallel.gpus > 1 else "The GPU"
    yield _row("memory", gib(claim.card.memory_bytes), f"as printed: {claim.card.source}")
    yield _row(f"x {claim.utilization:g} = claimed", gib(claim.claimed), "gpu_memory_utilization")
    yield _row("- weights", gib(claim.weights), claim.weights_from)
    over = claim.overhead
    told = claim.overhead_from
    if over.low != over.high:
        told += f", {gib(over.low)} to {gib(over.high)}; --overhead"
    yield _row("- activations, graphs, libraries", gib(over.usual), told)
    yield _row("= left for K/V", gib(sized.available), _between_memory(sized))


def _between_memory(sized: Sized) -> str:
    if sized.is_exact:
        return ""
    rooms = [min(pool.available) for pool in sized.pools[1:]]
    return f"{gib(min(rooms))} to {gib(max(rooms))}"


def _log(sized: Sized) -> Iterator[str]:
    yield "What vLLM 0.32 logs when it starts" + ("" if sized.is_exact else " (estimated)")
    if not sized.pool.blocks or not sized.pool.serves_one:
        yield from _refusal(sized)
        return
    for line in log_lines(sized):
        yield f"  {line}"
    if not sized.is_exact:
        low, high = (sized.pools[-1], sized.pools[1])
        yield (
            f"  between {low.tokens:,} and {high.tokens:,} tokens, "
            f"{low.concurrency:.2f}x and {high.concurrency:.2f}x"
        )
    if sized.parallel.data > 1:
        yield (
            f"  each of {sized.parallel.data} engines; together "
            f"{sized.parallel.data * sized.pool.tokens:,} tokens"
        )


def _refusal(sized: Sized) -> Iterator[str]:
    pool = sized.pool
    if sized.available <= 0:
        yield "  No available memory for the cache blocks."
        yield "  It does not start: more GPUs, a smaller model, or more utilization."
        return
    yield (
        f"  To serve at least one request with the model's max seq len "
        f"({pool.limits.max_model_len:,}), {gib(max(pool.needed))} KV cache is needed, "
        f"which is larger than the available KV cache memory ({gib(sized.available)})."
    )
    if pool.longest:
        yield f"  It does not start; with --max-model-len {pool.longest} it would."
    else:
        yield "  It does not start: not one block of a request fits."


def _terms(sized: Sized) -> Iterator[str]:
    pool = sized.pool
    yield "What is in these numbers"
    for line in _terms_of_tokens(sized):
        yield f"  {line}"
    longest = pool.limits.max_model_len
    tables = f" in {len(pool.groups)} tables" if len(pool.groups) > 1 else ""
    given = "" if sized.wishes.max_model_len else " (what its configuration allows)"
    yield (
        f"  A request of {longest:,} tokens{given} holds at most "
        f"{pool.request_blocks:,} blocks{tables}."
    )
    yield (
        f"  {pool.blocks:,} blocks / {pool.request_blocks:,} of a request = "
        f"{pool.concurrency:.2f} requests; x {longest:,} tokens = {pool.tokens:,}."
    )
    yield "  It is no limit: shorter requests run in larger numbers, up to max_num_seqs."


def _terms_of_tokens(sized: Sized) -> Iterator[str]:
    pool, tensor = sized.pool, sized.parallel.tensor
    layers = sized.model.layers
    element, scale = KV_DTYPES[sized.dtype]
    whole = token_bytes(layers, sized.dtype, tensor)
    yield f"Layers: {keeps(layers)}; K/V in {sized.dtype}."
    first = layers[0]
    if first.latent:
        yield (
            f"A token: {len(layers)} layers x {first.latent} latent elements x {element} bytes = "
            f"{whole:,} bytes on every GPU: tensor parallelism does not divide a latent."
        )
    else:
        heads = max(1, first.kv_heads // tensor)
        scales = f" + {scale} of scale each" if scale else ""
        told = f"{len(layers)} layers x 2 x {heads} K/V heads x {first.head_dim} x {element} bytes"
        yield f"A token: {told}{scales} = {whole:,} bytes on a GPU, were every layer to keep it."
        if tensor > first.kv_heads:
            yield f"{first.kv_heads} K/V heads on {tensor} GPUs: each is stored more than once."
    block = human_bytes(max(pool.block_bytes))
    yield (
        f"A block: {min(group.block_size for group in pool.groups)} tokens of "
        f"{max(group.layers for group in pool.groups)} layers = {block}; "
        f"{pool.blocks:,} of them fit, one is a placeholder."
    )


def document(sized: Sized) -> dict[str, Any]:
    """The same for machines: bytes, tokens and counts."""
    claim, pool = sized.claim, sized.pool
    return {
        "model": {
            "name": sized.model.name,
            "source": sized.found.source,
            "parameters": sized.model.parameters,
            "layers": keeps(sized.model.layers),
        },
        "parallel": {
            "tensor": sized.parallel.tensor,
            "pipeline": sized.parallel.pipeline,
            "data": sized.parallel.data,
        },
        "gpu": claim and {
            "name": claim.card.title,
            "memory": claim.card.memory_bytes,
            "source": claim.card.source,
            "claimed": claim.claimed,
            "weights": claim.weights,
            "weights_from": claim.weights_from,
            "overhead": {"low": claim.overhead.low, "assumed": claim.overhead.usual,
                         "high": claim.overhead.high, "from": claim.overhead_from},
        },
        "exact": sized.is_exact,
        "log": list(log_lines(sized)),
        "starts": pool.serves_one,
        "longest": pool.longest,
        **_pool_document(sized, pool),
        "between": [_pool_document(sized, other) for other in sorted(
            sized.pools[1:], key=lambda pool: pool.blocks)],
    }  # fmt: skip


def _pool_document(sized: Sized, pool: Pool) -> dict[str, Any]:
    return {
        "available": min(pool.available),
        "dtype": sized.dtype,
        "token_bytes": token_bytes(sized.model.layers, sized.dtype, sized.parallel.tensor),
        "block_size": min(group.block_size for group in pool.groups),
        "block_bytes": max(pool.block_bytes),
        "groups": len(pool.groups),
        "blocks": pool.blocks,
        "tokens": pool.tokens,
        "max_model_len": pool.limits.max_model_len,
        "request_blocks": pool.request_blocks,
        "concurrency": round(pool.concurrency, 4),
    }
