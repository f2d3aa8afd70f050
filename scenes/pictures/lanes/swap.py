"""A lane's memory outside of the GPU: the CPU pool under its blocks, for what was swapped out."""

from __future__ import annotations

from collections.abc import Iterator

from pagereel.model.core.events import BlockSwappedIn, BlockSwappedOut
from pagereel.model.core.sizes import human_bytes
from pagereel.model.core.state import PagedMemory
from pagereel.model.storyboard.timeline import LaneStep
from pagereel.model.storyboard.verbs import Swap
from pagereel.scenes.pictures.chip import baseline
from pagereel.scenes.pictures.lanes.cells import Holds, Slot, draw, longest_word
from pagereel.scenes.pictures.lanes.grid import lay_out
from pagereel.scenes.pictures.moment import Moment
from pagereel.scenes.shapes.picture import CLEAR, Anchor, Box, Rect, Shape, Text
from pagereel.scenes.style import SIZE_LABEL

HEAD, ROW, ID, GAP, MOST = 40, 36, 44, 16, 0.46
"""Height of the pool's name and of its rows; room for a block's id; over the pool; its share of the
lane at most."""


def has_cpu_pool(moment: Moment, step: LaneStep) -> bool:
    """Whether blocks of this lane go to the CPU: it is set so, a verb does it, or some have gone.

    Known from the start where the storyboard says it, so that nothing has to make room later.
    """
    memory = step.state.memory
    if not isinstance(memory, PagedMemory) or memory.swap is None:
        return False
    spec = next(spec for spec in moment.storyboard.lanes if spec.name == step.lane)
    if dict(spec.options).get("preemption") == "swap":
        return True
    shots = (shot for beat in moment.storyboard.beats for shot in beat.shots)
    if any(isinstance(verb, Swap) for shot in shots for verb in shot.do):
        return True
    events = (event for past in moment.past for event in past.lane(step.lane).events)
    return any(isinstance(event, BlockSwappedIn | BlockSwappedOut) for event in events)


def divide(body: Box, pool: PagedMemory) -> tuple[Box, Box]:
    """The GPU's part of a lane, and under it the CPU's: as low as words can be read in, with its
    blocks one below the other where there is room for that."""
    count, most = len(pool.blocks), body.h * MOST
    rows = count if HEAD + count * ROW <= most else -(-count // 2)
    height = min(HEAD + rows * ROW, most)
    below = Box(body.x, body.bottom - height, body.w, height)
    return Box(body.x, body.y, body.w, body.h - height - GAP), below


def cpu_pool(moment: Moment, step: LaneStep, pool: PagedMemory, box: Box) -> Iterator[Shape]:
    """The pool's name, what has been copied so far, and its blocks with whoever is in them."""
    key, tags = f"lane/{step.lane}/cpu", frozenset({f"lane {step.lane}", "cpu"})
    faces, line = moment.faces, baseline(box.y + HEAD / 2, SIZE_LABEL)
    ends = Box(box.x - 8, box.y, box.w + 16, box.h + 8)
    yield Rect(key, ends, CLEAR, "edge", 2, radius=10, tags=tags, note="memory of the CPU")
    yield Text(f"{key}/title", box.x + 4, line, "CPU memory", SIZE_LABEL, "muted", faces.bold,
               tags=tags)  # fmt: skip
    copied = step.work.swapped_blocks * pool.block_size * moment.storyboard.geometry.bytes_per_token
    if copied:
        yield Text(f"{key}/copied", box.right - 4, line, f"{human_bytes(copied)} copied",
                   SIZE_LABEL, "text", faces.text, Anchor.END, tags=tags,
                   note="out and back, so far")  # fmt: skip
    cells = Box(box.x + ID, box.y + HEAD, box.w - ID, box.h - HEAD)
    grid = lay_out(
        cells, len(pool.blocks) * pool.block_size, pool.block_size, ID, longest_word(moment)
    )
    held = {block: (table.request, row) for table in reversed(pool.tables)
            for row, block in enumerate(table.blocks)}  # fmt: skip
    for place, block in enumerate(pool.blocks):
        name, row = held.get(block, ("", 0))
        owned = tags | moment.tags(step.lane, name) if name else tags
        start = place * pool.block_size
        first = grid.slot(start)
        if grid.id_size:
            yield Text(f"{key}/{block}/id", first.x - 10, baseline(first.centre[1], grid.id_size),
                       str(block), grid.id_size, "text" if name else "muted", faces.mono,
                       Anchor.END, tags=owned, note=f"block {block} of the CPU")  # fmt: skip
        holder = step.state.holder(name) if name else None
        for offset in range(pool.block_size):
            position, where = row * pool.block_size + offset, f"{key}/{block}/{offset}"
            holds = Holds.FREE
            if holder:
                holds = Holds.STORED if position < holder.computed else Holds.INTERNAL
            slot = Slot(step.lane, where, grid.slot(start + offset), holds, holder, position,
                        in_cpu_block(block, offset), owned)  # fmt: skip
            yield from draw(moment, slot, grid)


def in_cpu_block(block: int, offset: int) -> str:
    """The place of an entry in the CPU's pool."""
    return f"CPU block {block}/{offset}"
