"""The words of the language, as pages: lanes, verbs, readings, cards and panels, models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pagereel.documents.language import meaning
from pagereel.documents.markdown import code, page, table
from pagereel.model.allocators.kinds import KINDS
from pagereel.model.allocators.lane_kind import LaneKind
from pagereel.model.core.geometry import DTYPE_BYTES, PRESETS, Geometry
from pagereel.model.core.sizes import human_bytes
from pagereel.model.readings import metrics
from pagereel.model.readings.claims import COMPARISONS
from pagereel.model.readings.gpu import GPU, LENGTH
from pagereel.model.readings.metrics import MOVED
from pagereel.model.sizing.capacity import keeps
from pagereel.model.sizing.config import read_architecture
from pagereel.model.sizing.known import KNOWN
from pagereel.model.storyboard.attention import TELL
from pagereel.model.storyboard.chart import CHARTS
from pagereel.model.storyboard.quotes import DRAWN, QUOTES
from pagereel.model.storyboard.storyboard import ABOVE, BESIDE, CARDS, FORMULAS
from pagereel.read.form.verbs import VERBS

_READ: dict[str, tuple[str, Mapping[str, metrics.Metric[Any]]]] = {
    "A lane": ("LANE", {**metrics.LANE, **MOVED}),
    "A request in a lane": ("LANE.REQUEST", {**metrics.REQUEST, **MOVED}),
    "A block": ("LANE.block N", metrics.BLOCK),
    "The model": ("geometry", metrics.GEOMETRY),
    "The GPU": ("gpu", GPU),
    "Requests of a length on the GPU": ("gpu.length N", LENGTH),
}


def lanes_page() -> str:
    """Every kind of lane, what it models, and its options."""
    kinds = [[code(name), kind.system, kind.summary] for name, kind in KINDS.items()]
    return page(
        "Kinds of lanes",
        "A lane is one allocator. `kind` names it; what it models stands above it on screen.",
        table(["kind", "system", "what it does"], kinds),
        *(_options(kind) for kind in KINDS.values() if kind.options),
    )


def _options(kind: LaneKind) -> str:
    rows = [[code(name), setting.meaning] for name, setting in kind.options.items()]
    return f"## Options of `{kind.name}`\n\n" + table(["option", "what it sets (default)"], rows)


def verbs_page() -> str:
    """Every verb of a beat's `do`, and who obeys it."""
    rows = [[form.written, meaning(form), _obeying(verb)] for verb, form in VERBS.items()]
    return page(
        "Verbs",
        "What a beat can `do`. A lane that cannot obey goes on without.",
        table(["written", "what happens", "lanes that obey"], rows),
    )


def _obeying(verb: str) -> str:
    """A verb that no kind claims for itself is one of every lane."""
    lanes = [code(name) for name, kind in KINDS.items() if verb in kind.obeys]
    return ", ".join(lanes) or "all"


def readings_page() -> str:
    """Every number that captions, call-outs and claims can read."""
    sections = []
    for title, (stem, found) in _READ.items():
        rows = [[code(f"{stem}.{name}"), one.unit, one.meaning] for name, one in found.items()]
        sections += [f"## {title}", table(["reading", "unit", "what it is"], rows)]
    published = [
        [code(f"quoted.{quote}.{number}"), told, one.meaning, one.source]
        for quote, one in QUOTES.items()
        for number, told in one.numbers.items()
    ]
    sections += [
        "## What was published",
        table(["reading", "it is", "what of", "source"], published),
    ]
    return page(
        "Readings",
        "Numbers of the state, by name. `say` and call-outs have them in braces: "
        "`{paged.A.blocks}`. A beat that names one of the published ones carries `quoted` and its "
        "source. `LANE` is a lane's name, `REQUEST` a request's id or that of one of "
        "its sequences, `N` a number.",
        "A claim of `expect` compares two of them, or one with a number, a word or a list: "
        "`paged.held < contiguous.held - 8`. Comparisons are "
        + ", ".join(code(sign) for sign in COMPARISONS)
        + "; + and - go between readings and numbers.",
        *sections,
    )


def panels_page() -> str:
    """Every card, panel, formula, chart and quote."""
    tables: Mapping[str, tuple[str, Mapping[str, str]]] = {
        "Cards": ("card", {name: card.meaning for name, card in CARDS.items()}),
        "Above the lanes": ("above", ABOVE),
        "Beside the lanes": ("beside", BESIDE),
        "Formulas of a definition": ("formula", FORMULAS),
        "Parts of a decode step": ("tell", TELL),
        "Charts of a measurement": ("show", CHARTS),
        "What others report": ("quote", {name: one.meaning for name, one in DRAWN.items()}),
    }
    sections = []
    for title, (key, names) in tables.items():
        rows = [[code(name), told] for name, told in names.items()]
        sections += [f"## {title}", table([code(key), "shows"], rows)]
    return page("Cards, panels, formulas, charts, quotes", "What a beat can show.", *sections)


def models_page() -> str:
    """Every preset, and the arithmetic of its bytes a token."""
    rows = [
        [code(name), one.title, _arithmetic(one), f"{one.bytes_per_token:,}",
         human_bytes(one.bytes_per_token)]
        for name, one in PRESETS.items()
    ]  # fmt: skip
    types = ", ".join(f"`{name}` {size}" for name, size in DTYPE_BYTES.items())
    return page(
        "Models",
        "What `model` can be: one of these, or a shape of your own, as "
        "`{layers: 12, kv_heads: 12, head_dim: 64, dtype: float16}`.",
        table(["name", "model", "layers x elements x bytes", "bytes a token", ""], rows),
        "Layers, heads and head dimension are those of each model's published configuration, with "
        "16-bit keys and values. A head dimension is never inferred from hidden size / heads.",
        f"Bytes of an element by `dtype`: {types}.",
        "## For replay and size",
        "`pagereel replay --model` and `pagereel size` know these, and read the `config.json` of "
        "any other. Parameters are counted from the configuration, without what sees pictures; "
        "`kept` says of how many tokens a layer keeps K/V.",
        table(["name", "parameters", "used for a token", "layers kept", "longest"], _known()),
    )


def _known() -> list[list[str]]:
    models = [read_architecture(config, name) for name, config in KNOWN.items()]
    return [
        [
            code(one.name),
            f"{one.parameters:,}",
            f"{one.used_parameters / 1e9:.1f} billion",
            keeps(one.layers),
            f"{one.max_len:,}",
        ]
        for one in models
    ]


def _arithmetic(one: Geometry) -> str:
    elements = f"{one.latent} latent" if one.latent else f"(2 x {one.kv_heads} x {one.head_dim})"
    return f"{one.layers} x {elements} x {DTYPE_BYTES[one.dtype]}"
