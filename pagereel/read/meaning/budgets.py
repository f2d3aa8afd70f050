"""A GPU as the file describes it: amounts become bytes, and a card that cannot be is refused."""

from __future__ import annotations

from pagereel.model.core.sizes import human_bytes, read_bytes
from pagereel.model.readings.gpu import budget
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.model.usage.budget import Gpu
from pagereel.read.form.schema import StoryboardForm
from pagereel.read.meaning.review import Review
from pagereel.words import printable

_UNKNOWN = Gpu("", 2**40, 0, 0)
"""Stands in for a card that is not understood, so that its readings are known by name."""


def described_gpu(form: StoryboardForm, review: Review) -> Gpu | None:
    """The card; None if there is none. What cannot be is reported."""
    _check_cards(form, review)
    if form.gpu is None:
        return _UNKNOWN if review.lost("gpu") else None
    given = {"memory": form.gpu.memory, "weights": form.gpu.weights}
    given["activations"] = form.gpu.activations
    # A number without its unit is always meant otherwise; but 0 needs none.
    amounts = {k: 0 if told == 0 else read_bytes(str(told)) for k, told in given.items()}
    for key, found in amounts.items():
        if found is None:
            message = f"`{printable(str(given[key]))}` is not an amount of memory"
            review.complain(review.at("gpu", key), message, "as in `40 GiB` or `26 GB`")
    memory, weights, activations = (amounts[key] for key in ("memory", "weights", "activations"))
    if memory is None or weights is None or activations is None:
        review.distrust_from(0)
        return _UNKNOWN
    told = form.gpu
    gpu = Gpu(told.name, memory, weights, activations, told.utilization, told.source)
    return gpu if _fits(gpu, review) else _UNKNOWN


def check_budget(form: StoryboardForm, storyboard: Storyboard, review: Review) -> None:
    """Report a card that has no room for a single block that requests can use."""
    found = budget(storyboard) if form.gpu and storyboard.gpu is not _UNKNOWN else None
    if found is None or review.lost("model") or review.lost("lanes"):
        return
    if not all(lane.kind and lane.slots for lane in storyboard.lanes) or found.slots:
        return
    left, block = human_bytes(found.room_bytes), human_bytes(found.block_bytes)
    message = f"{left} are left for K/V, and a block takes {block}"
    review.complain(review.key("gpu"), message, "a larger card, or smaller blocks")
    review.distrust_from(0)


def _check_cards(form: StoryboardForm, review: Review) -> None:
    if form.gpu is not None or review.lost("gpu"):
        return
    for number, beat in enumerate(form.beats):
        if not any(shot.card == "budget" for shot in (beat, *beat.shots)):
            continue
        for path, shot in review.shots(number):
            if shot.card == "budget":
                remedy = (
                    "describe it at the top of the file: `gpu: {name: ..., memory: 40 GiB, ...}`"
                )
                span = review.at(*path, "card")
                review.complain(span, "the card `budget` needs a `gpu`", remedy)


def _fits(gpu: Gpu, review: Review) -> bool:
    """Whether the weights fit into the card, and with the activations into what is claimed."""
    claim = int(gpu.memory_bytes * gpu.utilization)
    weights, memory = human_bytes(gpu.weights_bytes), human_bytes(gpu.memory_bytes)
    if gpu.weights_bytes > gpu.memory_bytes:
        message = f"weights of {weights} do not fit into {memory}"
        review.complain(review.at("gpu", "weights"), message, "a larger card, or a smaller model")
    elif gpu.weights_bytes + gpu.activations_bytes >= claim:
        needed = human_bytes(gpu.weights_bytes + gpu.activations_bytes)
        message = f"weights and activations take {needed}, and {human_bytes(claim)} are claimed"
        remedy = "nothing is left for K/V: a larger card, a smaller model or more `utilization`"
        review.complain(review.key("gpu"), message, remedy)
    else:
        return True
    review.distrust_from(0)
    return False
