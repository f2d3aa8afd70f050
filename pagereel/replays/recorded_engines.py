"""Traces of somebody's own engine, which say themselves whose they are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pagereel.model.recording.data import BadRecording, Log, Recording
from pagereel.model.recording.read import MOST_LINES
from pagereel.model.traces.documents import read_trace
from pagereel.model.traces.recorded import recording_of
from pagereel.model.traces.workload import read_workload
from pagereel.replays.workload_form import complaints
from pagereel.storage.incoming import Lines


class IncidentForm(BaseModel):
    """What a recorded trace says of its engine: words for the screen, and the K/V of a token."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    vllm: Annotated[str, Field(pattern=r"^[\w.+-]{1,40}$")]
    model: Annotated[str, Field(pattern=r"^[\w.+-]{1,80}$")]
    made: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    layers: Annotated[int, Field(ge=1, le=10_000)]
    kv_heads: Annotated[int, Field(ge=1, le=10_000)]
    head_dim: Annotated[int, Field(ge=1, le=100_000)]
    dtype: Literal["float32", "float16", "bfloat16"]
    names: Annotated[dict[str, str], Field(max_length=2**16)]
    """What the server called each request."""


def about_of(texts: Lines) -> IncidentForm | None:
    """What a trace that was recorded of somebody's engine says of itself; None for others.

    Raises `BadRecording`.
    """
    told = read_trace(texts).workload.get("recorded")
    if told is None:
        return None
    try:
        return IncidentForm.model_validate(told)
    except ValidationError:
        raise BadRecording(1, "what it says of its engine is none") from None


def incident(path: Path, texts: Lines, about: IncidentForm) -> Recording:
    """What such a trace recorded. Raises `BadRecording`."""
    trace = read_trace(texts)
    if trace.count > MOST_LINES:
        raise BadRecording(MOST_LINES, f"more than {MOST_LINES:,} lines")
    asked = {key: value for key, value in trace.workload.items() if key != "recorded"}
    if wrong := next(complaints(asked), None):
        raise BadRecording(1, wrong)
    workload, version = read_workload(asked), f"vLLM {about.vllm}"
    log = Log(f"{path.name.split('.')[0]}, recorded {about.made}", requests=len(workload.requests))
    source = f"{version}, {about.model}, unsigned"
    return recording_of(trace, workload, about.model, log, version, source)
