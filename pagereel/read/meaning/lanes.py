"""Lanes of the file become lanes of the model, if their numbers fit together."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from pagereel.model.allocators.kinds import KINDS, build
from pagereel.model.allocators.lane_kind import LaneSpec, group_count
from pagereel.model.allocators.recorded import RECORDED
from pagereel.model.core.geometry import PRESETS
from pagereel.model.core.lane import Refusal
from pagereel.model.recording.data import Recording
from pagereel.read.form.fields import MAX_LANES
from pagereel.read.form.schema import LaneForm, SettingsForm, StoryboardForm
from pagereel.read.meaning.recorded import recorded_lanes
from pagereel.read.meaning.review import Review
from pagereel.words import did_you_mean, printable

MAX_BLOCKS = 1024
"""Blocks of one lane; more cannot be told apart on screen."""


def lane_specs(
    form: StoryboardForm, review: Review, recording: Recording | None = None
) -> dict[str, LaneSpec]:
    """The lanes that are sound, by name; the others are reported."""
    if not form.lanes and not review.lost("lanes"):
        review.complain(review.key("lanes"), "a storyboard needs at least one lane", _EXAMPLE)
    for name in list(form.lanes)[MAX_LANES:]:
        review.complain(review.key("lanes", name), f"more than {MAX_LANES} lanes do not fit")
        review.distrust_from(0)
    forms: dict[str, LaneForm] = dict(form.lanes)
    modelled = {name: lane for name, lane in forms.items() if lane.kind != RECORDED.name}
    found = (_Lane(name, lane, form.parameters, review) for name, lane in modelled.items())
    sound = {lane.name: lane.spec() for lane in found if lane.is_sound()}
    sound |= recorded_lanes(form, recording, review)
    for spec in sound.values():
        _check_groups(form, spec, review)
    return {name: sound[name] for name in form.lanes if name in sound}


def _check_groups(form: StoryboardForm, spec: LaneSpec, review: Review) -> None:
    """Groups of layers are drawn as tables, and counted in bytes if all have as many layers."""
    count = group_count(spec)
    if count == 1:
        return
    span = review.key("lanes", spec.name)
    model = PRESETS[form.model] if isinstance(form.model, str) else form.model
    if model.layers % count:
        message = f"{count} kv_cache_groups do not divide the {model.layers} layers of {model.name}"
        review.complain(span, message, "choose another `model`, or other groups")
    cards = [shot.card or beat.card for beat in form.beats for shot in beat.shots or [beat]]
    for card in [card for card in _ALL_LAYERS if card in cards]:
        message = f"card `{card}` shows layers that are all alike; `{spec.name}` has {count} groups"
        review.complain(span, message, "leave the card to a storyboard without kv_cache_groups")


_ALL_LAYERS = ("layers", "attention", "levels", "budget")
_EXAMPLE = "for example: lanes: {paged: {kind: paged}}"


_TAKEN = {
    "geometry": "the model",
    "gpu": "the GPU",
    "recording": "the recording",
    "quoted": "what was published",
}
"""Names that captions read otherwise."""


class _Lane:
    """One lane of the file with the settings it takes from `parameters`."""

    def __init__(self, name: str, form: LaneForm, shared: SettingsForm, review: Review) -> None:
        self.name, self._form, self._shared, self._review = name, form, shared, review
        self._kind = KINDS[form.kind]

    def is_sound(self) -> bool:
        """Check and report; what was invalid before is not judged again."""
        before = len(self._review.problems)
        self._check_keys()
        if self._review.lost("parameters") or self._review.lost("lanes", self.name):
            return False
        if self._is_complete():
            self._check_numbers()
        return len(self._review.problems) == before and self._builds()

    def spec(self) -> LaneSpec:
        title = self._form.title
        return LaneSpec(
            name=self.name,
            kind=self._kind.name,
            title=self.name.replace("_", " ").capitalize() if title is None else title,
            slots=self._value("slots"),
            block_size=self._value("block_size") or 16,
            max_len=self._value("max_len") or 0,
            placement=self._value("placement") or "first-fit",
            free_order=self._order(),
            **self._options(),
        )

    def _value(self, key: str) -> Any:  # noqa: ANN401 - as the field of that name is typed
        own = getattr(self._form, key)
        return getattr(self._shared, key, None) if own is None else own

    def _complain(self, key: str, message: str, remedy: str = "") -> None:
        """At the value itself, wherever it is set; else at the lane."""
        if getattr(self._form, key, None) is not None:
            span = self._review.at("lanes", self.name, key)
        elif getattr(self._shared, key, None) is not None:
            span = self._review.at("parameters", key)
        else:
            span = self._review.key("lanes", self.name)
        self._review.complain(span, message, remedy)

    def _check_keys(self) -> None:
        if self.name in _TAKEN:
            span = self._review.key("lanes", self.name)
            what = _TAKEN[self.name]
            message = f"`{self.name}` is {what}, and cannot be a lane's name"
            self._review.complain(span, message)
        for key in sorted(self._form.model_fields_set - {"kind", "title"}):
            takes = (*self._kind.takes, *self._kind.options)
            if key not in takes:
                span = self._review.key("lanes", self.name, key)
                message = f"a {self._kind.name} lane has no `{key}`"
                self._review.complain(span, message, did_you_mean(key, takes))

    def _is_complete(self) -> bool:
        needs = [key for key in ("slots", "max_len") if key in self._kind.takes]
        missing = [key for key in needs if self._value(key) is None]
        for key in missing:
            remedy = f"set `{key}` for all lanes under `parameters`, or in this one"
            self._complain(key, f"lane `{self.name}` has no `{key}`", remedy)
        return not missing

    def _check_numbers(self) -> None:
        takes = self._kind.takes
        slots = self._value("slots")
        max_len = self._value("max_len") or 0
        if "max_len" in takes and max_len > slots:
            message = f"max_len {max_len} is more than the {slots} slots there are"
            self._complain("max_len", message, f"at most {slots}, or more `slots`")
        if "block_size" in takes:
            self._check_blocks(slots, self._value("block_size") or 16)

    def _check_blocks(self, slots: int, block_size: int) -> None:
        count, rest = divmod(slots, block_size)
        if rest:
            near = [count * block_size, (count + 1) * block_size]
            remedy = "slots of " + " or ".join(str(number) for number in near if number)
            self._complain(
                "block_size", f"block_size {block_size} does not divide {slots} slots", remedy
            )
        elif count > MAX_BLOCKS:
            message = f"{slots} slots in blocks of {block_size} are {count:,} blocks"
            self._complain("block_size", message, f"at most {MAX_BLOCKS:,} blocks a lane")
        else:
            self._check_order(self._form.free_order or [], count)

    def _check_order(self, order: list[int], count: int) -> None:
        first = self._kind.null_blocks
        last = first + count - 1
        beyond = sorted({block for block in order if not first <= block <= last})
        if beyond and not self._is_resized():
            message = f"free_order names blocks that are not there: {_listed(beyond)}"
            self._complain("free_order", message, f"there are {count}: {first} to {last}")
        twice = sorted(block for block, times in Counter(order).items() if times > 1)
        if twice:
            message = f"free_order names blocks more than once: {_listed(twice)}"
            self._complain("free_order", message)

    def _is_resized(self) -> bool:
        """Whether an override changed the number of blocks after the author listed them."""
        spans = (
            self._review.at(*owner, key)
            for owner in (("lanes", self.name), ("parameters",))
            for key in ("slots", "block_size")
        )
        return any(not span.source.numbered for span in spans)

    def _order(self) -> tuple[int, ...]:
        """The listed blocks, then the others in ascending order; empty: all ascending."""
        if not self._form.free_order:
            return ()
        count = self._value("slots") // (self._value("block_size") or 16)
        first = self._kind.null_blocks
        blocks = range(first, first + count)
        listed = [block for block in self._form.free_order if block in blocks]
        return (*listed, *(block for block in blocks if block not in listed))

    def _builds(self) -> bool:
        """Whether the model takes it; what it refuses is told at the option it names."""
        try:
            build(self.spec())
        except (Refusal, ValueError, TypeError) as refusal:
            for reason in getattr(refusal, "problems", (str(refusal),)):
                keys = [*self._kind.options, *self._kind.takes]
                key = next((key for key in keys if re.search(rf"\b{key}\b", reason)), "slots")
                self._complain(key, f"lane `{self.name}` cannot be: {printable(reason, 200)}")
            return False
        return True

    def _options(self) -> dict[str, Any]:
        """The options that are set, as the spec takes them."""
        values = [(name, self._value(name)) for name in self._kind.options]
        given = tuple((name, value) for name, value in values if value is not None)
        return {"options": given} if given else {}


def _listed(blocks: list[int]) -> str:
    return ", ".join(map(str, blocks[:8])) + (" …" if len(blocks) > 8 else "")
