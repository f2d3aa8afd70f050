"""The typed form of one storyboard: what happens, what is said and what is shown.

Never what results. Cards and panels are here by their names and meanings; scenes draws them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from pagereel.model.allocators.lane_kind import LaneSpec, group_count
from pagereel.model.core.beams import SEEDED_TOKENS
from pagereel.model.core.geometry import Geometry
from pagereel.model.core.state import Holder, SequenceState
from pagereel.model.recording.data import Recording
from pagereel.model.storyboard.attention import Attend, AttentionRecord
from pagereel.model.storyboard.chart import Chart
from pagereel.model.storyboard.quotes import DRAWN
from pagereel.model.storyboard.script import BeamScript, ScoredWord, Script, words
from pagereel.model.storyboard.verbs import (
    Admit,
    Advance,
    Arrival,
    Fork,
    Free,
    Preempt,
    Run,
    Search,
    Swap,
    Verb,
)
from pagereel.model.usage.budget import Gpu

__all__ = [
    "Admit",
    "Advance",
    "Arrival",
    "BeamScript",
    "Beat",
    "CallOut",
    "Claim",
    "Definition",
    "Excerpt",
    "Fork",
    "Free",
    "Option",
    "Preempt",
    "Question",
    "Run",
    "ScoredWord",
    "Script",
    "Search",
    "Shot",
    "Storyboard",
    "Swap",
    "Verb",
    "words",
]


@dataclass(frozen=True, slots=True)
class Claim:
    """An `expect:` line: two terms and a comparison, checked against the state the beat ends in."""

    text: str
    """As the author wrote it."""
    left: str
    comparison: str
    right: str


@dataclass(frozen=True, slots=True)
class CallOut:
    """A short remark with a pointer to a part of the picture."""

    at: str
    """A target: `lane paged`, `request A`, `block 3 in lane paged`."""
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a question, and the claim that holds if it is the right one."""

    text: str
    claim: Claim


@dataclass(frozen=True, slots=True)
class Question:
    """Asked before a shot's verbs are done, answered by the state that it ends in."""

    ask: str
    options: tuple[Option, ...]
    """Exactly one claim holds when the shot ends."""

    @property
    def words(self) -> str:
        """All that is read before the answer comes."""
        return " ".join((self.ask, *(f"{option.text.rstrip('.')}." for option in self.options)))


@dataclass(frozen=True, slots=True)
class Card:
    """What a beat's whole frame can be."""

    meaning: str
    key: str = ""
    """The key of a beat that says what this card shows, and that belongs to no other; or none."""
    example: str = ""
    """How the key is written."""


CARDS = {
    "title": Card("the opening card: the title over the lanes"),
    "lanes": Card("the lanes' memory, with a panel above and one beside"),
    "recap": Card("every lane's capacity and its parts, large"),
    "chart": Card("measured numbers", "chart", "as in `chart: {show: split, of: four}`"),
    "quoted": Card(
        "published numbers, with their source",
        "quote",
        "one of " + ", ".join(f"`quote: {name}`" for name in DRAWN),
    ),
    "definition": Card(
        "one term, what it means, and a formula",
        "define",
        "as in `define: {term: Block, text: A few slots that go together.}`",
    ),
    "history": Card("every lane's memory over time, on the same two axes"),
    "layers": Card("what an engine step reads and writes, layer by layer"),
    "attention": Card(
        "what one decode step of one request reads, block by block, and what it makes of it",
        "attend",
        "as in `attend: {lane: paged, request: A}`",
    ),
    "budget": Card("where the memory of the `gpu` goes"),
    "levels": Card(
        "a camera through the levels of memory, each with its bytes: from the GPU to one vector",
        "levels",
        "as in `levels: [pool, vector, pool]`",
    ),
    "race": Card("who did what at each engine step, and how many tokens each step made"),
    "end": Card("what to see next, over the lanes"),
    "excerpt": Card(
        "a beat of another storyboard: its lanes, and what they do there",
        "excerpt",
        "as in `excerpt: {of: 16-production-traffic, beat: More requests come}`",
    ),
    "replay": Card("a recorded replay as a whole: requests at once, waiting, use of what is held"),
}
"""By the names that `card:` takes."""

ABOVE = {
    "prompt": "the requests' words: one row a request",
    "queue": "the requests as the schedulers have them: waiting, running, done",
    "beams": "a beam search as a tree: each word of each beam, from which it went on, and scores",
    "arrivals": "every request that came as a bar: its prompt, and above it its answer",
}
"""Panels over the lanes."""

BESIDE = {
    "metrics": "where every slot is: stored, reserved, internal, external, cached, free",
    "history": "the same over time, a small chart a lane",
    "gauges": "what each lane gains and what it pays, as numbers",
    "free-queue": "the free blocks in the order in which they are handed out; holes by address",
    "holes": "the free holes of each lane at one scale, and what the next request needs",
}
"""Panels beside the lanes; below them where the frame is narrow."""

LEVELS = {
    "gpu": "the whole card's memory, divided as by the card `budget`",
    "pool": "all blocks of a paged lane",
    "block": "one block and its slots",
    "slot": "one slot and the token in it",
    "layers": "what the slot keeps: a key and a value in each layer",
    "vector": "one of these, head by head and number by number",
}
"""Where the camera of the card `levels` can stop, from outside in."""

FORMULAS = {
    "bytes-per-token": "what one token's keys and values weigh in the storyboard's model",
    "blocks": "how many blocks a sequence needs",
    "waste": "what a sequence can waste at most",
    "attention": "what one decode step computes over the cached keys and values",
}
"""What a definition can show; the numbers in them come from the storyboard."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What a shot of the card `definition` shows."""

    term: str
    text: str
    """What it means; `{names}` are filled in as in a beat's `say`."""
    formula: str = ""
    """A key of `FORMULAS`, or nothing."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One beat of another storyboard, played as it is played there."""

    story: Storyboard
    beat: int
    """From 0."""
    is_still: bool
    """Whether only the moment that it ends in is shown."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch of a beat with one thing to say: what happens, what is there, where to look."""

    say: str
    """Caption and narration; `{names}` stand for readings of the state the shot ends in."""
    do: tuple[Verb, ...] = ()
    focus: tuple[str, ...] = ()
    """Targets that stay bright; the rest dims. Empty: nothing dims."""
    callouts: tuple[CallOut, ...] = ()
    card: str = "lanes"
    """What the frame shows: a key of `CARDS`."""
    chart: Chart | None = None
    """What a shot of the card `chart` shows."""
    quote: str = ""
    """What a shot of the card `quoted` shows: a key of `model.storyboard.quotes.DRAWN`."""
    define: Definition | None = None
    """What a shot of the card `definition` shows."""
    attend: Attend | None = None
    """Whose decode step a shot of the card `attention` shows."""
    levels: tuple[str, ...] = ()
    """Where the camera of a shot of the card `levels` stops, one after the other: keys of `LEVELS`.
    It passes through every level on the way."""
    above: str = "prompt"
    """The panel over the lanes: a key of `ABOVE`."""
    beside: str = "metrics"
    """The panel beside the lanes: a key of `BESIDE`."""
    question: Question | None = None
    """Takes the place of the panel above: what will happen, before it does."""
    excerpt: Excerpt | None = None
    """What a shot of the card `excerpt` shows."""
    show: tuple[str, ...] | None = None
    """What is there from now on: lanes, as `lane paged`, and panels by name. None: as before."""
    camera: str = ""
    """A target that fills the frame; empty: all of it is seen."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One idea, in one shot or several."""

    title: str
    shots: tuple[Shot, ...]
    """At least one."""
    expect: tuple[Claim, ...] = ()
    """What must hold when the beat ends."""

    @property
    def do(self) -> tuple[Verb, ...]:
        """What happens in all of its shots, in order."""
        return tuple(chain.from_iterable(shot.do for shot in self.shots))

    @property
    def charts(self) -> tuple[Chart, ...]:
        """The charts that its shots show."""
        return tuple(shot.chart for shot in self.shots if shot.chart)

    @property
    def question(self) -> Question | None:
        """What it asks first, if it asks."""
        return next((shot.question for shot in self.shots if shot.question), None)


@dataclass(frozen=True, slots=True)
class Following:
    """A video that comes after this one."""

    title: str
    subtitle: str


@dataclass(frozen=True, slots=True)
class Variant:
    """Other requests and settings that a story's page can be started from."""

    title: str
    about: str
    overrides: tuple[str, ...]
    """What it changes, as `--set` takes it."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something that a reader of a story's page may try to bring about."""

    text: str
    beat: int
    """From 0; at its end the claims are judged."""
    claims: tuple[Claim, ...]
    """All hold once it is done."""
    changes: int | None = None
    """How many changes are enough; None: nobody counts."""


@dataclass(frozen=True)  # not slots: cached_property keeps the scripts in the instance
class Storyboard:
    """One video: lanes, requests, and the beats that tell their story."""

    name: str
    """The file's stem; outputs are named after it."""
    title: str
    subtitle: str
    about: str
    geometry: Geometry
    lanes: tuple[LaneSpec, ...]
    requests: tuple[Script, ...]
    """As the file has them; `script` knows which verb brings each."""
    beats: tuple[Beat, ...]
    gpu: Gpu | None = None
    """The card whose memory the budget divides."""
    poster: int = 0
    """The beat (from 0) whose last picture stands for the whole video."""
    following: tuple[Following, ...] = ()
    """What to see next."""
    recording: Recording | None = None
    """What recorded lanes play; the requests come from it then."""
    attention: AttentionRecord | None = None
    """Where a toy transformer looked, if a beat shows attention."""
    variants: tuple[Variant, ...] = ()
    """What a page offers to start from; the story's captions hold for all of them."""
    tasks: tuple[Task, ...] = ()
    """What a page invites to try."""

    def script(self, request_id: str) -> Script:
        """One request, as the verb that brings it has it. Raises KeyError."""
        return self.scripts[request_id]

    def knows_words(self, request_id: str) -> bool:
        """Whether a request's words are known; a recording may know their number alone."""
        return request_id not in self._wordless

    @cached_property
    def _wordless(self) -> frozenset[str]:
        asked = self.recording.requests if self.recording else ()
        return frozenset(request.id for request in asked if not request.tokens)

    @cached_property
    def scripts(self) -> dict[str, Script]:
        """Every request by id, with the samples or beams that a `Fork` or `Search` gives it."""
        found = {script.id: script for script in self.requests}
        for verb in (verb for beat in self.beats for verb in beat.do):
            if isinstance(verb, Fork) and verb.request in found:
                found[verb.request] = replace(found[verb.request], n=verb.n)
            elif isinstance(verb, Search) and verb.request in found:
                found[verb.request] = replace(found[verb.request], beam=verb.beam)
        return found

    @cached_property
    def places(self) -> dict[str, int]:
        """Each request's place in the order of requests, from 0."""
        return {request_id: place for place, request_id in enumerate(self.scripts)}

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """A token id for every word, equal for equal words and apart from seeded beam tokens."""
        spoken = chain.from_iterable(script.spoken() for script in self.scripts.values())
        return {word: SEEDED_TOKENS + 1 + n for n, word in enumerate(dict.fromkeys(spoken))}

    def owner(self, name: str) -> Script:
        """The request that a name on screen belongs to: A, for A as for A1. Raises KeyError."""
        return self.script(self.owners[name][0])

    def word(self, holder: Holder, position: int) -> str:
        """The word at a token position of a request or of one of its sequences.

        Ask for positions below the holder's prompt + sampled. A request that has several
        sequences speaks for the first of its samples; of beams, ask each for itself.
        """
        request_id, place = self.owners[holder.id]
        script = self.script(request_id)
        index = position - len(script.prompt)
        if index < 0:
            return script.prompt[position]
        if script.beam and isinstance(holder, SequenceState):
            return script.beam_word(index, holder.output[index], self.vocabulary)
        return script.output_of(place)[index]

    def slot_bytes(self, lane: str) -> int:
        """Bytes of one slot: of a token's K/V in all layers, or in one group of them."""
        spec = next(spec for spec in self.lanes if spec.name == lane)
        return self.geometry.bytes_per_token // group_count(spec)

    def has_groups(self, lane: str) -> bool:
        """Whether a lane has several groups of layers, with tables of their own."""
        return any(spec.name == lane and group_count(spec) > 1 for spec in self.lanes)

    @cached_property
    def owners(self) -> dict[str, tuple[str, int]]:
        """(request, place in its group) behind every name of a request or sequence."""
        owners = {
            name: (script.id, place)
            for script in self.scripts.values()
            for place, name in enumerate(script.sequence_ids)
        }
        return owners | {name: (name, 0) for name in self.scripts}
