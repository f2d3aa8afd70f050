"""Requests and their sequences as lines of text: phase, what is stored, and the words so far."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.core.state import Holder, LaneState, Phase, RequestState, SequenceState
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.model.usage.occupancy import stored_positions
from pagereel.scenes.text.columns import clipped, escaped, width


def request_lines(
    storyboard: Storyboard, state: LaneState, letters: dict[str, str], columns: int
) -> Iterator[str]:
    """A line for every request, and one for each of its sequences if it has several."""
    for request in state.requests:
        sequences = [each for each in state.sequences if each.request == request.id]
        letter = letters.get(request.id, "*")
        name = request.id if request.id.startswith(letter) else f"{letter} ({request.id})"
        if not sequences:
            yield _line(storyboard, state, request, name, columns)
            continue
        yield f"{name} {request.phase.value}, {len(sequences)} sequences"
        for sequence in sequences:
            yield _line(storyboard, state, sequence, f"  {sequence.id}", columns)


def _line(storyboard: Storyboard, state: LaneState, holder: Holder, name: str, columns: int) -> str:
    """Name, phase, counts, and the tokens so far: those that are computed, then those to come."""
    head = f"{name} {holder.phase.value}, {', '.join(_counts(state, holder))}"
    if holder.id not in storyboard.owners or not storyboard.knows_words(holder.id):
        return head
    words = [storyboard.word(holder, at) for at in range(holder.prompt + holder.sampled)]
    shown = escaped("".join(words[: holder.computed]).lstrip(" "))
    shown += "|" + escaped("".join(words[holder.computed :]))
    room = columns - width(head) - 2
    return f"{head}: {shown if width(shown) <= room else clipped(shown, room - 1) + '…'}"


def _counts(state: LaneState, holder: Holder) -> Iterator[str]:
    """What is stored; what was computed and may be read, where that differs."""
    stored = sum(len(span) for span in stored_positions(state.memory, holder))
    if holder.computed != stored:
        yield f"{holder.computed} computed"
    yield "0 stored on the GPU" if holder.phase is Phase.SWAPPED else f"{stored} stored"
    if isinstance(holder, RequestState) and holder.readable is not None:
        yield f"{sum(len(span) for span in holder.readable)} readable"
    if isinstance(holder, SequenceState) and holder.score is not None:
        yield f"score {holder.score:.2f}"
