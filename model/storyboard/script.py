"""The words of one request: its prompt and what the model will answer, as a storyboard has them."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache

from pagereel.model.core.beams import BeamSearch, Choice
from pagereel.model.core.request import sequence_ids

Words = tuple[str, ...]
"""Tokens as they are shown; joined, they are the text."""


def words(text: str) -> Words:
    """Split text into the tokens that a storyboard shows: words, each with the space before it.

    A teaching tokenizer, the same on every machine; a real one would cut some words in two.
    Nothing is dropped: the tokens joined give the text again.
    """
    return tuple(re.findall(r"\s*\S+|\s+$", text))


def anonymous(request: str, first: int, count: int) -> Words:
    """Tokens named by their position, counted from 1, so that they match no other request's."""
    numbers = range(first, first + count)
    return tuple(f"{' ' if number > 1 else ''}{request}·{number}" for number in numbers)


@dataclass(frozen=True, slots=True)
class ScoredWord:
    """One way a beam could go on."""

    beam: int
    """The beam's place in its group, from 0; at the first step 0, since all beams are equal."""
    word: str
    logprob: float
    """Natural logarithm of the word's probability after this beam; at most 0."""


@dataclass(frozen=True, slots=True)
class BeamScript:
    """A beam search in words. After the steps given here, choices are drawn from the seed."""

    width: int
    steps: tuple[tuple[ScoredWord, ...], ...] = ()
    """The choices at output token 0, 1, ..., each step's in order of their beams."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Script:
    """One request of a storyboard: its words are known, what memory makes of them is not."""

    id: str
    prompt: Words
    output: Words
    """What each of its sequences answers; under beam search only its length counts."""
    arrival: int | None = None
    """The step before which it joins the queue; None: when a beat admits it."""
    n: int = 1
    """Sequences that are sampled in parallel from the one prompt."""
    outputs: tuple[Words, ...] = ()
    """The n outputs where they differ; empty: every sequence answers `output`."""
    beam: BeamScript | None = None
    """Search with beams instead."""
    priority: int = 0
    """Lower goes first, where a lane's policy looks at it."""
    cache_salt: str | None = None
    """Keeps its prefix apart from others with the same words."""
    abort: int | None = None
    """The step before which its client gives up."""
    max_tokens: int | None = None
    """The most output tokens that its client asked for; None: no limit but the model's."""

    @property
    def sequence_ids(self) -> tuple[str, ...]:
        """How its sequences are called: A1, A2, ...; a lone one has the request's id."""
        return sequence_ids(self.id, self.beam.width if self.beam else self.n)

    def output_of(self, place: int) -> Words:
        """What the sequence at `place` in the group answers."""
        return self.outputs[place] if self.outputs else self.output

    def spoken(self) -> tuple[str, ...]:
        """Every word that was written for it, in order and with repetitions."""
        steps = self.beam.steps if self.beam else ()
        scored = [choice.word for step in steps for choice in step]
        answers = [word for output in (self.outputs or (self.output,)) for word in output]
        return (*self.prompt, *answers, *scored)

    def search(self, ids: dict[str, int]) -> BeamSearch | None:
        """Its beam search with token ids in place of words."""
        if self.beam is None:
            return None
        steps = tuple(
            tuple(Choice(choice.beam, ids[choice.word], choice.logprob) for choice in step)
            for step in self.beam.steps
        )
        return BeamSearch(self.beam.width, steps, self.beam.seed)

    def beam_word(self, index: int, token: int, ids: dict[str, int]) -> str:
        """The word behind a beam's output token number `index` (0-based).

        A token drawn from the seed is named by its position and by its place among the choices
        of its step: A·8a, A·8b. Raises KeyError if the search offers no such token there.
        """
        assert self.beam is not None, f"request {self.id} does no beam search"
        if index < len(self.beam.steps):
            return next(c.word for c in self.beam.steps[index] if ids[c.word] == token)
        name = anonymous(self.id, len(self.prompt) + index + 1, 1)[0]
        return name + _letter(_offered(self.beam.seed, index, self.beam.width).index(token))


@lru_cache(maxsize=1024)
def _offered(seed: int, index: int, width: int) -> tuple[int, ...]:
    """Tokens that a seed offers at output token number `index`."""
    return tuple(choice.token for choice in BeamSearch(width, seed=seed).choices(index))


def _letter(place: int) -> str:
    """a, b, ..., z, a1, b1, ..."""
    turn, letter = divmod(place, len(string.ascii_lowercase))
    return string.ascii_lowercase[letter] + (str(turn) if turn else "")
