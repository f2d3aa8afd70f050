"""Every state of every run: conservation in each sample, and the same in samples, tokens and model.

Requests alive, bytes held and used, preemptions and the step in which each token came are not the
machine's word alone: who is served when follows from the requests and the budget. Where the model
has every step (`is_exact`), a run must be equal to it; where steps are scheduled ahead, it must
agree with its own tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pagereel.measurements.modelled.predict import PredictedMoment, is_exact, predict
from pagereel.measurements.protocol.plan import METHODS, Cell
from pagereel.measurements.records.forms import CellRecord
from pagereel.measurements.records.summary import MeasuredRun

COUNTED = ("live", "reserved", "held", "used")


def impossible_states(entry: CellRecord) -> Iterator[str]:
    """Why the runs of a cell are none; nothing if they can be. Raises `Damaged`."""
    modelled = predict(entry) if is_exact(entry) else None
    for number, run in enumerate(entry.runs, 1):
        reasons = list(dict.fromkeys(_run(run, entry)))
        if run.samples and not reasons:
            rule = _unlike_tokens(run, entry) if modelled is None else _unlike(run, modelled)
            reasons = list(rule)
        for reason in reasons:
            yield f"run {number}: {reason}"


def most_reserved(cell: Cell) -> int:
    """Bytes that may be reserved: the budget, and in a pool two blocks of the engine's own.

    One lone row is given even where the budget is smaller.
    """
    own = 2 * cell.block_size * cell.token_bytes
    return max(cell.budget_bytes, cell.max_len * cell.token_bytes) + own


def _run(run: MeasuredRun, entry: CellRecord) -> Iterator[str]:
    """Conservation in every sample, and order in time."""
    cell = entry.cell.cell
    if not run.samples:
        yield "no samples"
        return
    times = [sample.at_us for sample in run.samples]
    if times[0] <= 0 or any(b <= a for a, b in pairwise(times)) or times[-1] > run.wall_us:
        yield "times run backwards"
    ends = [t for token_times in run.tokens_us for t in token_times]
    if not set(ends) <= set(times):
        yield "a token came at another time than a step's end"
    if any(b <= a for token_times in run.tokens_us for a, b in pairwise(token_times)):
        yield "tokens run backwards"
    token_bytes, most = cell.token_bytes, most_reserved(cell)
    block_bytes, row_bytes = cell.block_size * token_bytes, cell.max_len * token_bytes
    is_static = METHODS[cell.method].cache == "static"
    for sample in run.samples:
        if not 0 <= sample.used <= sample.held <= sample.reserved:
            yield "used, held and reserved are out of order"
        if not 0 < sample.live <= len(entry.requests):
            yield "more requests at once than there are, or none"
        if sample.used % token_bytes:
            yield "used bytes are no whole tokens"
        if block_bytes and sample.held % block_bytes:
            yield "held bytes are no whole blocks"
        if is_static and sample.reserved % row_bytes:
            yield "reserved bytes are no whole rows"
        if sample.reserved > most:
            yield "more reserved than the budget"
    if max(sample.used for sample in run.samples) > _needed(entry):
        yield "more K/V than the requests have tokens"


def _needed(entry: CellRecord) -> int:
    tokens = sum(len(asked.prompt) + asked.output - 1 for asked in entry.requests)
    return tokens * entry.cell.cell.token_bytes


def _unlike(run: MeasuredRun, modelled: tuple[PredictedMoment, ...]) -> Iterator[str]:
    """The first thing in which a run is not what its requests and its budget make of it."""
    if len(run.samples) != len(modelled):
        yield f"{len(run.samples)} steps, where these requests take {len(modelled)}"
        return
    pool = run.samples[0].reserved
    for step, (sample, moment) in enumerate(zip(run.samples, modelled, strict=True)):
        for name in COUNTED:
            found, due = getattr(sample, name), getattr(moment, name)
            if name == "reserved" and pool != modelled[0].reserved:
                due = pool  # an engine's own blocks beside the pool; their number is held elsewhere
            if found != due:
                yield f"step {step}: {found:,} {name}, where these requests come to {due:,}"
                return
    due_at: list[list[int]] = [[] for _ in run.tokens_us]
    for sample, moment in zip(run.samples, modelled, strict=True):
        for place in moment.sampled:
            due_at[place].append(sample.at_us)
    for place, (found_at, due) in enumerate(zip(run.tokens_us, due_at, strict=True)):
        if list(found_at) != due:
            yield f"request {place} has its tokens at other steps than it is served in"
            return
    preempted = sum(moment.preempted for moment in modelled)
    if run.preemptions != preempted:
        yield f"{run.preemptions} preemptions, where these requests come to {preempted}"


def _unlike_tokens(run: MeasuredRun, entry: CellRecord) -> Iterator[str]:
    """Where samples and tokens of one run do not agree: who gets a token has its K/V in memory.

    Steps are scheduled ahead, so a state is up to one step later than the tokens that it is with.
    """
    cell = entry.cell.cell
    step_at = {sample.at_us: step for step, sample in enumerate(run.samples)}
    served: list[list[int]] = [[] for _ in run.samples]
    gaps = 0
    for place, times in enumerate(run.tokens_us):
        steps = [step_at[at] for at in times]
        gaps += sum(after - before > 2 for before, after in pairwise(steps))
        for made, step in enumerate(steps):
            if made + 1 < entry.requests[place].output:  # with its last token it may be gone
                served[step].append(len(entry.requests[place].prompt) + made)
    for step, (sample, stored) in enumerate(zip(run.samples, served, strict=True)):
        blocks = sum(-(-entries // cell.block_size) for entries in stored)
        if sample.live < len(stored):
            yield f"step {step}: {len(stored)} requests got a token, and {sample.live} were alive"
        elif sample.used < sum(stored) * cell.token_bytes or sample.held < blocks * _block(cell):
            yield f"step {step}: less in memory than the requests have that got a token"
        else:
            continue
        return
    if gaps and not run.preemptions:
        yield f"no preemption, where {gaps} times a request waited between tokens"


def _block(cell: Cell) -> int:
    return cell.block_size * cell.token_bytes
