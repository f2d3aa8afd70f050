"""The form of a GPU's memory: amounts with their units."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from model.gpu import UTILIZATION
from pagereel.read.fields import TAG, Form, Line, shape

Amount = Annotated[
    Annotated[int, Field(ge=0), Tag(TAG + "count")] | Annotated[Line, Tag(TAG + "text")],
    Discriminator(shape),
]
"""Text with a unit; or 0, which needs none."""


class GpuForm(Form):
    """A GPU's memory: what the card has, what is assumed, and where that comes from."""

    name: Line
    """What it is called on screen."""
    memory: Amount
    """All that it has, as `40 GiB`."""
    weights: Amount
    """The model's parameters, as `26 GB`."""
    activations: Amount = 0
    """What computing needs at its peak, and all else that is neither weights nor K/V."""
    utilization: float = Field(default=UTILIZATION, ge=0.01, le=1)
    """The share of the memory that the engine claims; vLLM's default if not given."""
    source: Line
    """Where these numbers come from; stands on screen."""
