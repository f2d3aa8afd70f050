"""Published numbers that cards can show, each with where it stands. Quoted, never computed.

"Paper" is Kwon et al., Efficient Memory Management for Large Language Model Serving with
PagedAttention, SOSP 2023 (arXiv 2309.06180).
"""

from __future__ import annotations

from dataclasses import dataclass

from pagereel.model.storyboard.chart import BarRow, Bars

PAPER = "Kwon et al., PagedAttention, SOSP 2023, arXiv 2309.06180"


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One system's K/V memory in percent, in the order of `PARTS`; a part it has none of is 0."""

    title: str
    shares: tuple[float, ...]

    @property
    def rest(self) -> float:
        """What is printed without a breakdown."""
        return round(100 - sum(self.shares), 1)


PARTS = ("token states", "reserved", "internal", "external and others")
"""The paper's four parts of figure 2."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Numbers of one figure or table."""

    meaning: str
    """For the reference."""
    label: str
    """Where it stands, short."""
    source: str
    """Where it stands, and what the reader must know of it."""
    body: tuple[ShareRow, ...] | Bars


def _bars(unit: str, meaning: str, values: dict[str, float]) -> Bars:
    rows = (BarRow(name, value, value, value, f"{value:g}") for name, value in values.items())
    return Bars(tuple(rows), unit, meaning)


QUOTES: dict[str, Quote] = {
    "kv-memory": Quote(
        "share of K/V memory that holds tokens, four systems (PagedAttention paper, figure 2)",
        "PagedAttention paper, figure 2",
        f"{PAPER}, figure 2, in % of K/V memory. The Orca systems are the authors' own.",
        (
            ShareRow("Orca (Max)", (20.4, 13.3, 57.3, 8.9)),
            ShareRow("Orca (Pow2)", (26.8, 17.9, 13.6, 41.6)),
            ShareRow("Orca (Oracle)", (38.2, 25.2, 0, 36.6)),
            ShareRow("vLLM", (96.3,)),
        ),
    ),
    "requests-at-once": Quote(
        "mean requests in a batch, four systems (PagedAttention paper, OPT-13B, ShareGPT)",
        "PagedAttention paper, section 6",
        f"{PAPER}: OPT-13B on ShareGPT's lengths. The Orca systems are the authors' own.",
        _bars(
            "requests",
            "requests in a batch, on average",
            {"Orca (Max)": 7.0, "Orca (Pow2)": 9.81, "Orca (Oracle)": 13.62, "vLLM": 30.42},
        ),
    ),
}
"""By the names that storyboards use."""
