"""Published numbers that cards show and captions name, each with where it stands. Never computed.

"Paper" is Kwon et al., Efficient Memory Management for Large Language Model Serving with
PagedAttention, SOSP 2023 (arXiv 2309.06180).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    numbers: Mapping[str, str] = field(default_factory=dict)
    """What captions can name, as it is said there: `{quoted.kernel.slower}` is `20 to 26 %`."""
    body: tuple[ShareRow, ...] | Bars | None = None
    """What the card `quoted` shows; None: there is nothing to draw."""


def _bars(unit: str, meaning: str, values: dict[str, float]) -> Bars:
    rows = (BarRow(name, value, value, value, f"{value:g}") for name, value in values.items())
    return Bars(tuple(rows), unit, meaning)


_SHARES = (
    ShareRow("Orca (Max)", (20.4, 13.3, 57.3, 8.9)),
    ShareRow("Orca (Pow2)", (26.8, 17.9, 13.6, 41.6)),
    ShareRow("Orca (Oracle)", (38.2, 25.2, 0, 36.6)),
    ShareRow("vLLM", (96.3,)),
)


def _share_numbers(rows: tuple[ShareRow, ...]) -> dict[str, str]:
    """Each system's share of token states and, where it is printed, of what is external."""
    found = {}
    for row in rows:
        name = row.title.removeprefix("Orca (").rstrip(")").lower()
        for part, share in zip(PARTS, row.shares, strict=False):
            if part in ("token states", "external and others"):
                found[name if part == "token states" else f"{name}_external"] = f"{share:g} %"
    return found


def _paper(what: str) -> str:
    return f"{PAPER}, {what}"


QUOTES: dict[str, Quote] = {
    "kv-memory": Quote(
        "share of K/V memory that holds tokens, four systems (PagedAttention paper, figure 2)",
        "PagedAttention paper, figure 2",
        f"{PAPER}, figure 2, in % of K/V memory. The Orca systems are the authors' own.",
        _share_numbers(_SHARES),
        _SHARES,
    ),
    "requests-at-once": Quote(
        "mean requests in a batch, four systems (PagedAttention paper, OPT-13B, ShareGPT)",
        "PagedAttention paper, section 6",
        f"{PAPER}: OPT-13B on ShareGPT's lengths. The Orca systems are the authors' own.",
        body=_bars(
            "requests",
            "requests in a batch, on average",
            {"Orca (Max)": 7.0, "Orca (Pow2)": 9.81, "Orca (Oracle)": 13.62, "vLLM": 30.42},
        ),
    ),
    "throughput": Quote(
        "throughput of vLLM beside FasterTransformer and Orca, at the same latency",
        "PagedAttention paper, abstract",
        _paper("abstract: at the same level of latency, beside FasterTransformer and Orca"),
        {"times": "2 to 4 times"},
    ),
    "kernel": Quote(
        "how much slower the attention kernel alone is than FasterTransformer's",
        "PagedAttention paper, section 7.1",
        _paper("section 7.1"),
        {"slower": "20 to 26 %"},
    ),
    "never-used": Quote(
        "two requests in one piece each: how long they may get, and what stays empty",
        "PagedAttention paper, figure 3",
        _paper("figure 3"),
        {
            "a_longest": "2,048",
            "a_used": "10",
            "a_empty": "2,038",
            "b_longest": "512",
            "b_empty": "507",
        },
    ),
    "sharing": Quote(
        "share of the blocks that sharing saves on Alpaca, with OPT-13B",
        "PagedAttention paper, section 6.3",
        _paper("section 6.3: OPT-13B on Alpaca's lengths"),
        {"samples": "6.1 to 9.8 %", "beams": "37.6 to 55.2 %"},
    ),
    "block-size": Quote(
        "block sizes that were best on two sets of lengths",
        "PagedAttention paper, section 7.2",
        _paper("section 7.2: ShareGPT's lengths are long chats, Alpaca's are short ones"),
        {"long": "16 to 128", "short": "16 to 32"},
    ),
    "vllm-default": Quote(
        "what vLLM sets where nobody says otherwise",
        "vLLM 0.32",
        "vLLM 0.32, its default settings",
        {"block_size": "16"},
    ),
    "weights": Quote(
        "weights of a model of 13 billion parameters, 16 bits each",
        "PagedAttention paper, figure 1",
        _paper("figure 1"),
        {"size": "26 GB"},
    ),
    "slots": Quote(
        "room for tokens that is left beside OPT-13B on a GPU of 40 GB",
        "PagedAttention paper, table 1",
        _paper("table 1"),
        {"tokens": "15.7K"},
    ),
    "longest": Quote(
        "the longest prompt and answer that OPT can have, in tokens",
        "PagedAttention paper, section 3",
        _paper("section 3"),
        {"opt": "2,048"},
    ),
}
"""By the names that storyboards use."""
DRAWN = {name: quote for name, quote in QUOTES.items() if quote.body is not None}
"""Those that the card `quoted` can show."""
