"""Whatever is in the file, the reader returns a storyboard or reports problems; nothing else."""

import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pagereel.model.play import play
from pagereel.read import StoryboardProblems, parse_override, read

from places import TESTS

FILES = [path for folder in ("valid", "tour") for path in sorted((TESTS / folder).glob("*.yaml"))]
WHOLE = [path.read_text("utf-8") for path in FILES]
WORDS = [
    *("title", "lanes", "requests", "beats", "parameters", "model", "say", "do", "focus"),
    *("callouts", "expect", "card", "kind", "paged", "contiguous", "A", "admit", "free"),
    *("step", "prompt", "output", "arrival", "slots", "block_size", "max_len", "free_order"),
    *("lane paged", "request A", "block 1", "{paged.A.blocks}", "paged.A.blocks == 1", "at"),
    *("fork", "beam", "preempt", "swap", "n", "outputs", "width", "steps", "seed", "abort"),
    *("paged/paper", "paged/vllm", "contiguous/max", "retention", "window", "priority", "salt"),
    *("no", "<<", "text", "lanes", "gpt2", "\0list", "[key]", "{", "paged.block 3.filled > 0"),
]
SCALARS = st.one_of(
    st.sampled_from(WORDS),
    st.integers(-3, 300),
    st.booleans(),
    st.none(),
    st.floats(),
    st.text(max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), below, max_size=5)
    ),
    max_leaves=25,
)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def outcome(data, overrides=()):
    """Read; a storyboard must then play, and problems must print. Anything else escapes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzz.yaml"
        path.write_bytes(data)
        try:
            play(read(path, overrides))
        except StoryboardProblems as refusal:
            assert refusal.problems
            assert str(refusal)
            assert all(problem.place for problem in refusal.problems)


@QUICK
@given(st.binary(max_size=200))
def test_random_bytes(data):
    outcome(data)


@QUICK
@given(st.text(alphabet="ab:-[]{}\"'#&*!|>%@`?,. \n\t\\0é漢", max_size=60))
def test_random_syntax(text):
    outcome(text.encode())


@QUICK
@given(st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=8))
def test_random_documents(document):
    outcome(yaml.safe_dump(document, allow_unicode=True).encode("utf-8", "surrogatepass"))


@QUICK
@given(st.sampled_from(WHOLE), st.data())
def test_good_storyboards_with_a_part_replaced(text, data):
    document = yaml.safe_load(text.replace("\\e", "").replace("\\0", ""))
    node, path = document, []
    while isinstance(node, dict | list) and node and len(path) < 5:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        path.append(data.draw(st.sampled_from(keys)))
        node = node[path[-1]]
        if data.draw(st.booleans()):
            break
    owner = document
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = data.draw(VALUES)
    outcome(yaml.safe_dump(document, allow_unicode=True).encode("utf-8", "surrogatepass"))


@QUICK
@given(st.sampled_from(WHOLE), st.integers(0, 2000), st.integers(0, 40), st.text(max_size=4))
def test_good_storyboards_with_a_stretch_torn_out(text, start, length, patch):
    torn = text[:start] + patch + text[start + length :]
    outcome(torn.encode("utf-8", "surrogatepass"))


@QUICK
@given(st.lists(st.sampled_from(WORDS) | st.integers(0, 3).map(str), max_size=5), SCALARS | VALUES)
def test_random_overrides(keys, value):
    shown = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True).strip()
    outcome(WHOLE[0].encode(), [".".join(keys) + "=" + shown])


@QUICK
@given(st.text(max_size=20))
def test_random_override_texts(text):
    try:
        parse_override(text)
    except StoryboardProblems as refusal:
        assert str(refusal)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 500_000,
        "{" * 500_000,
        "- " * 300_000,
        "title: " + "a" * 1_000_000,
        "a:\n" * 200_000,
        "? " * 300_000,
        "".join(f"key{n}: 1\n" for n in range(15_000)),
        "beats: [" + "{title: a, say: '{x}', focus: [y]}," * 3_000 + "]",
        "title: a\nlanes: {p: {kind: paged, slots: 8}}\nbeats:\n"
        + "- {title: a, say: '"
        + "{p.fre}" * 140
        + "'}\n" * 1
        + ("- {title: a, say: '" + "{p.fre}" * 140 + "'}\n") * 90,
        "requests: {"
        + "".join(f"r{n}: {{prompt: 16000, output: 16000}}, " for n in range(900))
        + "}",
        'say: "' + "\\u0301" * 150_000 + '"',
    ],
    ids=[
        *("brackets", "braces", "dashes", "one-word", "keys", "questions", "many-keys"),
        *("many-beats", "many-mistakes", "many-tokens", "combining"),
    ],
)
def test_a_hostile_file_is_refused_soon(text):
    outcome(text.encode())
