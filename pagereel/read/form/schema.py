"""The storyboard file form: every key, its type, its limits, and what an editor says of it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import (
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
    create_model,
)
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticCustomError

from pagereel.model.allocators.contiguous.placement import PLACEMENTS
from pagereel.model.allocators.kinds import KINDS, NICKNAMES
from pagereel.model.core.geometry import DTYPE_BYTES, PRESETS
from pagereel.model.storyboard.attention import TELL, Attend
from pagereel.model.storyboard.chart import CHARTS
from pagereel.model.storyboard.quotes import DRAWN
from pagereel.model.storyboard.storyboard import (
    ABOVE,
    BESIDE,
    CARDS,
    FORMULAS,
    LEVELS,
    Definition,
)
from pagereel.read.form.fields import (
    MAX_SAMPLES,
    MAX_SLOTS,
    MAX_STEPS,
    TAG,
    Beam,
    Form,
    GpuForm,
    Id,
    Line,
    SampleCount,
    Text,
    Words,
    one_of,
    shape,
)
from pagereel.read.form.verbs import USAGE, TaggedVerb

Option = bool | int | float | str


def _single(given: object) -> Option:
    if isinstance(given, Option):
        return given
    raise PydanticCustomError("option", "not a single value")


_TYPES = {"type": ["boolean", "number", "string"]}
_Optional = Annotated[Option | None, PlainValidator(_single), WithJsonSchema(_TYPES)]


def option_fields() -> dict[str, Any]:
    """A field for every option of any kind, as `pydantic.create_model` takes them."""
    meanings: dict[str, list[str]] = {}
    for kind in KINDS.values():
        for name, setting in kind.options.items():
            meanings.setdefault(name, []).append(f"{kind.name}: {setting.meaning}.")
    return {
        name: (_Optional, Field(default=None, description="\n".join(told)))
        for name, told in meanings.items()
    }


class GeometryForm(Form):
    """The shape of a model's K/V cache; decides how many bytes a token takes."""

    name: Line = "custom"
    """What captions call the model."""
    layers: int = Field(ge=1, le=1000)
    """Transformer layers."""
    kv_heads: int = Field(ge=1, le=1000)
    """Heads with K and V of their own (fewer than query heads with GQA, 1 with MQA)."""
    head_dim: int = Field(ge=1, le=10_000)
    """Elements of one head's K or V vector."""
    dtype: Annotated[
        str, Field(json_schema_extra={"enum": [*DTYPE_BYTES]}), one_of("dtype", DTYPE_BYTES)
    ] = "float16"
    """Element type of the cache."""


class SettingsForm(Form):
    """What a lane can be set to; under `parameters` for all lanes, in a lane for that one."""

    slots: int | None = Field(default=None, ge=1, le=MAX_SLOTS)
    """Token slots of K/V memory: one slot holds one token's K and V."""
    block_size: int | None = Field(default=None, ge=1, le=1024)
    """Token slots in a block (paged lanes). Must divide `slots`. 16 if not given."""
    max_len: int | None = Field(default=None, ge=1, le=MAX_SLOTS)
    """Token slots reserved for each request (contiguous lanes)."""
    placement: (
        Annotated[
            str, Field(json_schema_extra={"enum": [*PLACEMENTS]}), one_of("placement", PLACEMENTS)
        ]
        | None
    ) = None
    """Which hole a reservation goes to (contiguous lanes). first-fit if not given."""


class LaneForm(SettingsForm):
    """One allocator, drawn beside the others and given the same requests."""

    kind: Annotated[
        str, Field(json_schema_extra={"enum": [*KINDS]}), one_of("lane kind", KINDS, NICKNAMES)
    ]
    """Which allocator it is. `recorded` plays what is in the storyboard's `recording`."""
    title: Line | None = None
    """What stands above it on screen. Its name, capitalised, if not given."""
    free_order: Annotated[list[int], Field(max_length=MAX_SLOTS)] | None = None
    """Block ids at the head of the free queue at the start (paged lanes); the others follow."""
    plays: Line | None = None
    """Which lane of the recording it plays, by its kind, as `paged/vllm` (recorded lanes)."""
    equals: Line | None = None
    """The lane here whose states must equal the recorded ones at every step (recorded lanes)."""


# Options that `model.allocators.kinds.KINDS` lists are keys like the others, in both places.
_OPTIONS = option_fields()
AllSettings = create_model(
    "Settings", __base__=SettingsForm, __doc__=SettingsForm.__doc__, **_OPTIONS
)
AnyLane = create_model("LaneForm", __base__=LaneForm, __doc__=LaneForm.__doc__, **_OPTIONS)


class RequestForm(Form):
    """One request: the tokens of its prompt, and those the model will answer."""

    prompt: Words
    """Text (split into words), a list of tokens, or a number of anonymous tokens."""
    output: Words | None = None
    """What the model answers: text, a list of tokens, or a number of anonymous tokens. With `beam`
    only its length counts."""
    arrival: int | None = Field(default=None, ge=0, le=MAX_STEPS)
    """The step before which it joins the queue by itself. Without it, a beat must `admit` it."""
    n: SampleCount | None = None
    """Samples that share the prompt, called A1, A2, ... Also set by the verb `fork`."""
    outputs: Annotated[list[Words], Field(min_length=1, max_length=MAX_SAMPLES)] | None = None
    """What each sample answers, in place of `output`: one text, list or number a sample."""
    max_tokens: int | None = Field(default=None, ge=1, le=MAX_SLOTS)
    """The most output tokens that its client asks for. A `contiguous` lane reserves its prompt and
    these, where it would reserve `max_len` without."""
    beam: Beam | None = None
    """Beam search: how many beams, or a mapping with their scores. Also set by the verb `beam`."""
    priority: int = Field(default=0, ge=-1000, le=1000)
    """Lower goes first, in lanes whose policy is `priority`."""
    salt: Line | None = None
    """Keeps its prefix apart from requests with the same words and another salt."""
    abort: int | None = Field(default=None, ge=1, le=MAX_STEPS)
    """The step before which its client gives up by itself. The verb `free` does the same."""
    spare: bool = False
    """Whether it may never come: who acts on the story's page can send it."""


class VariantForm(Form):
    """Other requests and settings to choose from on the story's page; each replaces what the story
    has under the same key."""

    title: Line
    """What the choice is called."""
    about: Text = ""
    """What to look for."""
    parameters: AllSettings | None = None  # type: ignore[valid-type]  # made from KINDS above
    """Settings of all lanes."""
    lanes: dict[Id, AnyLane] | None = None  # type: ignore[valid-type]  # made from KINDS above
    """The lanes."""
    requests: dict[Id, RequestForm] | None = None
    """Who comes."""


class TaskForm(Form):
    """Something to try on the story's page, and how the page knows that it is done."""

    task: Line
    """What to bring about."""
    expect: Annotated[list[Line], Field(min_length=1, max_length=10)]
    """Claims that hold once it is done, and not before, as in a beat's `expect`."""
    beat: Line | None = None
    """The title of the beat at whose end they are judged; the last if not given."""
    changes: int | None = Field(default=None, ge=1, le=10)
    """How many changes are enough."""


class CallOutForm(Form):
    """A short remark with a pointer to a part of the picture."""

    at: Line
    """A target, as in `focus`."""
    text: Line
    """The remark; `{names}` are filled in as in `say`."""


class ChartForm(Form):
    """A chart of measured numbers."""

    show: Annotated[str, Field(json_schema_extra={"enum": [*CHARTS]}), one_of("chart", CHARTS)]
    """Which chart."""
    of: Line
    """The workload that was measured, as `four`."""


class DefinitionForm(Form):
    """One term."""

    term: Line
    """The word."""
    text: Text
    """What it means; `{names}` are filled in as in `say`."""
    formula: (
        Annotated[str, Field(json_schema_extra={"enum": [*FORMULAS]}), one_of("formula", FORMULAS)]
        | None
    ) = None
    """A formula under it, by its name."""

    def typed(self) -> Definition:
        """As a beat has it."""
        return Definition(self.term, self.text, self.formula or "")


class ExcerptForm(Form):
    """A beat of another storyboard."""

    of: Line
    """The other storyboard, by its name without `.yaml`, seen from this file, else in our course.
    """
    beat: Line
    """Its beat, by its title."""
    still: bool = False
    """Whether only the moment that it ends in is shown."""


class QuestionForm(Form):
    """What will happen next: asked before the verbs are done, answered when they are."""

    ask: Line
    """The question."""
    options: Annotated[dict[Line, Line], Field(min_length=2, max_length=4)]
    """Each answer, and the claim that makes it right, as `It fits: paged.C.phase == running`. When
    the beat ends, exactly one must hold."""


_QUOTES = {name: quote.meaning for name, quote in DRAWN.items()}
_CARDS = {name: card.meaning for name, card in CARDS.items()}


def _named(what: str, names: dict[str, str]) -> Any:  # noqa: ANN401  # a type, made from a table
    """The type of a key whose values are the names of a table, with their meanings for editors."""
    meanings = "; ".join(f"{name}: {meaning}" for name, meaning in names.items())
    extra: dict[str, Any] = {"enum": [*names], "markdownDescription": meanings}
    return Annotated[str, Field(json_schema_extra=extra), one_of(what, names)]


class AttendForm(Form):
    """One request in one lane."""

    lane: Line
    """A lane with block tables, by its name."""
    request: Line
    """A request's id, or the name of one of its sequences."""
    tell: _named("part", TELL) = "all"  # type: ignore[valid-type]  # made from a table
    """Which part of the step; so that two shots can tell one step."""

    def typed(self) -> Attend:
        """As a beat has it."""
        return Attend(self.lane, self.request, self.tell)


_Level = _named("level", LEVELS)


class ShotForm(Form):
    """A stretch of a beat with one thing to say."""

    say: Text = ""
    """Caption and narration. `{paged.A.blocks}` is filled in from the state the shot ends in,
    `{quoted.kernel.slower}` from what was published; the frame then says that it quotes, and whom.
    `{{` and `}}` stand for braces."""
    do: list[TaggedVerb] = Field(
        [], max_length=100, description=f"What happens, in order: {USAGE}."
    )
    focus: list[Line] | None = Field(None, max_length=20)
    """Targets that stay bright while the rest dims: `lane NAME`, `request ID` (also of a sequence,
    as `request A1`), `block N`, `table`,
    `metrics`, `prompt`; any but a lane may go on with `in lane NAME`."""
    callouts: list[CallOutForm] = Field([], max_length=20)
    """Remarks that point at a target."""
    show: list[Line] | None = Field(None, max_length=20)
    """What is there from here on: lanes, as `lane paged`, and the panels above and beside them by
    name, as `prompt`. Without it, what was there before; at first, everything."""
    camera: Line | None = None
    """A target, as in `focus`, that fills the frame; `all` for everything again."""
    card: _named("card", _CARDS) | None = None  # type: ignore[valid-type]  # made from a table
    """What the whole frame is. lanes if not given."""
    chart: ChartForm | None = None
    """What the card `chart` shows; `say` can name its sentence as `{finding}`."""
    quote: _named("quote", _QUOTES) | None = None  # type: ignore[valid-type]  # made from a table
    """What the card `quoted` shows."""
    define: DefinitionForm | None = None
    """What the card `definition` shows."""
    attend: AttendForm | None = None
    """Whose latest decode step the card `attention` shows."""
    excerpt: ExcerptForm | None = None
    """What the card `excerpt` shows; `say` reads the state that it ends in."""
    levels: (
        Annotated[
            list[_Level],  # type: ignore[valid-type]  # made from a table
            Field(min_length=1, max_length=10),
        ]
        | None
    ) = None
    """Where the camera of the card `levels` stops, one after the other; it passes all levels
    between."""
    above: _named("panel", ABOVE) | None = None  # type: ignore[valid-type]  # made from a table
    """The panel over the lanes, if not the storyboard's."""
    beside: _named("panel", BESIDE) | None = None  # type: ignore[valid-type]  # made from a table
    """The panel beside the lanes, if not the storyboard's."""
    question: QuestionForm | None = None
    """Asked over the lanes, before the verbs are done; takes the place of the panel above."""


class BeatForm(ShotForm):
    """One idea: what happens, what is said of it, and where to look."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["say"]}, {"required": ["shots"]}]}
    )

    title: Line
    """The headline; says what the beat does. Taken verbatim."""
    expect: list[Line] = Field([], max_length=50)
    """Claims that must hold when the beat ends, as `paged.A.blocks == 2`; checked, not shown."""
    shots: list[ShotForm] = Field([], max_length=20)
    """The beat in several shots, each with its own `say`. What the beat says of `card`, `focus`,
    `above` and `beside` holds for those that do not say it themselves; all else stands in them."""


SHARED = ("card", "focus", "above", "beside")
"""Keys of a beat that its shots have in common."""
ALONE = (
    *("say", "do", "callouts", "show", "camera"),
    *("chart", "quote", "define", "attend", "excerpt", "levels", "question"),
)
"""Keys that a beat has only where it has no shots."""


def shots_of(beat: BeatForm) -> tuple[ShotForm, ...]:
    """The shots of a beat, each with what the beat says of all of them; itself, if it has none."""
    if not beat.shots:
        return (beat,)
    shared = {key: getattr(beat, key) for key in SHARED}
    return tuple(
        shot.model_copy(
            update={key: given for key, given in shared.items() if getattr(shot, key) is None}
        )
        for shot in beat.shots
    )


class StoryboardForm(Form):
    """A storyboard: lanes, requests, and the beats that tell their story."""

    title: Line
    """What the video is called."""
    subtitle: Line = ""
    """One line under the title."""
    about: Text = ""
    """What the viewer learns; shown by `pagereel list`."""
    model: Annotated[
        Annotated[
            str,
            Field(json_schema_extra={"enum": [*PRESETS]}),
            one_of("model", PRESETS),
            Tag(TAG + "text"),
        ]
        | Annotated[GeometryForm, Tag(TAG + "mapping")],
        Discriminator(shape),
    ] = "gpt2"
    """The model whose bytes are counted: a preset's name, or its shape."""
    parameters: AllSettings = Field(  # type: ignore[valid-type]  # made from KINDS above
        default_factory=AllSettings
    )
    """Settings of all lanes. Each can be changed for one run: `--set block_size=8`."""
    lanes: dict[Id, AnyLane] = Field(  # type: ignore[valid-type]  # made from KINDS above
        json_schema_extra={"minProperties": 1}
    )
    """What is compared, by the names that captions use."""
    requests: dict[Id, RequestForm] = Field({})
    """Who comes, by the ids that stand on their blocks."""
    recording: Line | None = None
    """A file that `pagereel replay --record` wrote, or a measured trace of vLLM, seen from this
    one, else from pagereel's own course. Lanes of the kind `recorded` play it, and the requests
    come from it."""
    above: _named("panel", ABOVE) = "prompt"  # type: ignore[valid-type]  # made from a table
    """The panel over the lanes; a beat can show another."""
    beside: _named("panel", BESIDE) = "metrics"  # type: ignore[valid-type]  # made from a table
    """The panel beside the lanes, or below them; a beat can show another."""
    variants: list[VariantForm] = Field([], max_length=16)
    """What a reader of the story's page can start from in place of these requests and settings.
    Captions and claims have to hold for each."""
    tasks: list[TaskForm] = Field([], max_length=8)
    """What to try on the story's page."""
    poster: Line | None = None
    """The title of the beat whose picture stands for the whole video; the first if not given."""
    next: list[Line] = Field([], max_length=3)
    """What the card `end` names: storyboards, by their names without `.yaml`."""
    gpu: GpuForm | None = None
    """The card whose memory the card `budget` divides, and what is assumed of it."""
    record: Line = "../measurements/results"
    """Measurements for the card `chart`: a record or a folder of them, seen from this file, else
    from pagereel's own course. Of a folder each chart takes the newest that has its numbers, a
    GPU's before a CPU's."""
    beats: list[BeatForm] = Field(json_schema_extra={"minItems": 1})
    """The story, in order."""


class _Untitled(GenerateJsonSchema):
    """Leaves out titles, which would only repeat the keys."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def schema_json() -> str:
    """The JSON Schema of a storyboard, for editors; what `storyboards/schema.json` holds."""
    schema = StoryboardForm.model_json_schema(schema_generator=_Untitled)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
