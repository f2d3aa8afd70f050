"""Beam search as arithmetic: which beams go on, from which parents, with which tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

SEEDED_TOKENS = 50_021
"""Tokens drawn from a seed have ids from 1 to this; words of a storyboard have larger ones."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way a beam could go on."""

    beam: int
    """The beam's place in its group, from 0. At the first step all beams are equal: 0."""
    token: int
    logprob: float
    """Natural logarithm of the token's probability after this beam; at most 0."""


@dataclass(frozen=True, slots=True)
class BeamSearch:
    """A search of `width` beams. Its scores are the storyboard's, and seeded after those end.

    Raises ValueError if there are fewer than two beams, a step offers fewer choices than there
    are beams, or a choice names none of them.
    """

    width: int
    steps: tuple[tuple[Choice, ...], ...] = ()
    """The choices at output token 0, 1, ...; steps beyond these are `seeded_choices`."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Check what an author can get wrong."""
        if self.width < 2:
            raise ValueError(f"a beam search needs at least two beams, not {self.width}")
        for step, choices in enumerate(self.steps):
            beams = 1 if step == 0 else self.width
            if len(choices) < self.width:
                raise ValueError(f"step {step} offers {len(choices)} choices to {self.width} beams")
            if any(choice.beam not in range(beams) for choice in choices):
                raise ValueError(f"step {step} names a beam that is not in 0 to {beams - 1}")

    def choices(self, step: int) -> tuple[Choice, ...]:
        """What the beams could go on with at output token `step`, in no particular order."""
        if step < len(self.steps):
            return self.steps[step]
        return seeded_choices(self.seed, step, 1 if step == 0 else self.width, self.width)


class Continuation(NamedTuple):
    """What becomes of one beam at a step."""

    parent: int
    """Place in the group of the beam that it goes on from; its own place if it survives."""
    token: int
    score: float
    """Cumulative log-probability of the beam with this token."""


def advance(scores: Sequence[float], choices: Sequence[Choice]) -> tuple[Continuation, ...]:
    """The continuation of every beam, in group order, by the rule of the SOSP 2023 generation.

    B10: the best `len(scores)` candidates by cumulative log-probability go on. A surviving beam
    keeps its first candidate; its further ones go on a stack, and every discarded beam, in group
    order, pops one. Equal scores keep the order of `choices`.
    """
    scored = [Continuation(c.beam, c.token, scores[c.beam] + c.logprob) for c in choices]
    best = sorted(scored, key=lambda candidate: -candidate.score)[: len(scores)]
    kept: dict[int, Continuation] = {}
    spare: list[Continuation] = []
    for candidate in best:
        if candidate.parent in kept:
            spare.append(candidate)
        else:
            kept[candidate.parent] = candidate
    return tuple(kept[beam] if beam in kept else spare.pop() for beam in range(len(scores)))


def first(width: int, choices: Sequence[Choice]) -> tuple[Continuation, ...]:
    """The first tokens: all beams hold the prompt, so each takes one of the `width` best."""
    best = sorted(choices, key=lambda choice: -choice.logprob)[:width]
    return tuple(Continuation(beam, c.token, c.logprob) for beam, c in enumerate(best))


def seeded_choices(seed: int, step: int, beams: int, width: int) -> tuple[Choice, ...]:
    """`width` choices for each beam, the same on every machine. A stand-in for a model.

    Log-probabilities are uniform in [-4, 0): beams die and fork often enough to be seen.
    """
    found: list[Choice] = []
    for beam in range(beams):
        for place in range(width):
            bits = _mixed(seed, step, beam, place)
            found.append(Choice(beam, 1 + bits % SEEDED_TOKENS, -4.0 * ((bits >> 32) + 1) / 2**32))
    return tuple(found)


def _mixed(*words: int) -> int:
    """64 well-mixed bits of the words, by the finalizer of SplitMix64 (Steele et al., 2014)."""
    state = 0
    for word in words:
        state = (state + word + 0x9E3779B97F4A7C15) % 2**64
        state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB % 2**64
        state ^= state >> 31
    return state
