"""Train a toy transformer on a few dozen sentences, and record where it looks.

What films show as attention has to be some: these weights come from a decoder of two layers that
has learned the sentences of `toy_text.txt`. It says nothing of how larger models attend. In
storyboards/recordings:

    python -m pagereel.measurements.engines.toy_attention > toy-attention.json
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from pagereel.model.core.retention import KeepAll, PinnedPrefix, Retention, SlidingWindow

SEED, LAYERS, WIDTH, ROUNDS = 7, 2, 48, 1500
POLICIES: tuple[Retention, ...] = (KeepAll(), SlidingWindow(6), PinnedPrefix(2, 4))
"""What a token may read: the toy learns with each of them in turn."""
SCRIPT, TEXT = Path(__file__), Path(__file__).with_name("toy_text.txt")
MARK = "* "
"""Before the sentences of the course, whose attention is recorded."""


class Layer(torch.nn.Module):  # type: ignore[misc]  # torch is not installed here
    """One head of attention, then a small network; both are added to what comes in."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.between = torch.nn.LayerNorm(WIDTH), torch.nn.LayerNorm(WIDTH)
        self.query, self.key, self.value, self.mixed = (
            torch.nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(4)
        )
        self.network = torch.nn.Sequential(
            torch.nn.Linear(WIDTH, 4 * WIDTH), torch.nn.GELU(), torch.nn.Linear(4 * WIDTH, WIDTH)
        )

    def forward(self, entered: Any, mask: Any) -> tuple[Any, Any]:
        """What goes on, and the scores q k / sqrt(d) of every position for every position."""
        seen = self.before(entered)
        scores = self.query(seen) @ self.key(seen).transpose(-1, -2) / WIDTH**0.5
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        entered = entered + self.mixed(weights @ self.value(seen))
        return entered + self.network(self.between(entered)), scores


class Toy(torch.nn.Module):  # type: ignore[misc]  # likewise
    """A decoder: words and their places, the layers, and a guess at the next word."""

    def __init__(self, words: int, longest: int) -> None:
        super().__init__()
        self.words, self.places = (torch.nn.Embedding(n, WIDTH) for n in (words, longest))
        self.layers = torch.nn.ModuleList(Layer() for _ in range(LAYERS))
        self.out = torch.nn.Linear(WIDTH, words)

    def forward(self, ids: Any, mask: Any) -> tuple[Any, Any]:
        """Logits of the next word at every position, and the last layer's scores."""
        state, scores = self.words(ids) + self.places.weight[: ids.shape[-1]], None
        for layer in self.layers:
            state, scores = layer(state, mask)
        return self.out(state), scores


def reads(policy: Retention, position: int) -> list[int]:
    """The positions that the token at this one attends to: those cached, and its own."""
    return [place for span in policy.readable(position) for place in span] + [position]


def mask(policy: Retention, count: int) -> Any:
    """Which position attends to which, as a square of truths."""
    made = torch.zeros(count, count, dtype=torch.bool)
    for position in range(count):
        made[position, reads(policy, position)] = True
    return made


def train(sentences: Sequence[Sequence[str]], vocabulary: Sequence[str]) -> tuple[Toy, float]:
    """The trained toy, and its last mean loss in nats a word."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)  # the order in which numbers are added is part of the result
    longest = max(map(len, sentences))
    ids = torch.zeros(len(sentences), longest, dtype=torch.long)
    wanted = torch.full_like(ids, -100)
    for row, sentence in enumerate(sentences):
        known = torch.tensor([vocabulary.index(word) for word in sentence])
        ids[row, : len(known)], wanted[row, : len(known) - 1] = known, known[1:]
    toy, masks = Toy(len(vocabulary), longest), [mask(policy, longest) for policy in POLICIES]
    steps = torch.optim.AdamW(toy.parameters(), lr=2e-3, weight_decay=0.05)
    loss = torch.zeros(())
    for number in range(ROUNDS):
        logits, _ = toy(ids, masks[number % len(masks)])
        loss = torch.nn.functional.cross_entropy(logits.transpose(1, 2), wanted, ignore_index=-100)
        steps.zero_grad()
        loss.backward()
        steps.step()
    return toy.eval(), loss.item()


def looks(toy: Toy, sentence: Sequence[str], vocabulary: Sequence[str]) -> Iterator[dict[str, Any]]:
    """For every policy and every position but the first and the last: what the toy read there.

    Of policies that read the same at a position the first stands for all.
    """
    ids, known = torch.tensor([vocabulary.index(word) for word in sentence]), set()
    for policy in POLICIES:
        logits, scores = toy(ids, mask(policy, len(ids)))
        for position in range(1, len(sentence) - 1):
            read = reads(policy, position)
            if (position, *read) in known:
                continue
            known.add((position, *read))
            best = logits[position].argmax().item()
            yield {
                "position": position,
                "reads": read,
                "scores": [round(scores[position, place].item(), 3) for place in read],
                "next": vocabulary[best],
                "probability": round(logits[position].softmax(-1)[best].item(), 3),
            }


def main() -> None:
    """Train, and write the record to the standard output."""
    lines = TEXT.read_text("utf-8").splitlines()
    sentences = [line.removeprefix(MARK).split() for line in lines]
    vocabulary = sorted({word for sentence in sentences for word in sentence})
    toy, loss = train(sentences, vocabulary)
    made_from = hashlib.sha256(SCRIPT.read_bytes() + TEXT.read_bytes()).hexdigest()
    document = {
        "what": f"a toy transformer of {LAYERS} layers",
        "layer": LAYERS,
        "seed": SEED,
        "sha256": made_from,
        "parameters": sum(each.numel() for each in toy.parameters()),
        "loss": round(loss, 4),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "sentences": [
            {"words": sentence, "looks": list(looks(toy, sentence, vocabulary))}
            for sentence, line in zip(sentences, lines, strict=True)
            if line.startswith(MARK)
        ],
    }
    json.dump(document, sys.stdout, indent=None)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
