"""What is done to good files: to their bytes, and to what they say."""

from __future__ import annotations

import copy
import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import yaml

PIECES = (
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b[31m", b"\xe2\x80\xae", b"\xed\xa0\x80", b"\xc3"),
    *(
        b"\r",
        b"\r\n",
        b"\t",
        b" ",
        b"\n\n",
        b"'",
        b'"',
        b"\\",
        b"`",
        b"%",
        b"|",
        b">",
        b"#",
        b"...",
    ),
    *(b"{", b"}", b"[", b"]", b"{}", b"[]", b"[[[[[[[[", b"{{{{{{{{", b": ", b"- ", b"? ", b"& "),
    *(b"&a", b"*a", b"<<: *a", b"!!python/object:os.system", b"!!binary", b"--- ", b"%YAML 9.9\n"),
    *(b"0", b"-1", b"1e999", b".inf", b".nan", b"NaN", b"0x10", b"1_000", b"9" * 40, b"9" * 5000),
    *(b"null", b"~", b"true", b"no", b"2024-01-01", b"a" * 5000, b"{paged.A.table}", b"{x"),
    *(b"== [7, x.y]", b"{" * 3000, b"[" * 3000, b"a: " * 3000),
)
"""What parsers stumble over."""
VALUES = (
    *(None, True, False, 0, 1, -1, 2, 3, 7, 16, 100, 2**16, 2**31, 2**53 + 1, 2**64, 10**30),
    *(
        -(10**30),
        0.5,
        -0.0,
        1e-320,
        1e308,
        float("inf"),
        float("nan"),
        "",
        " ",
        "a",
        "A",
        "0",
        "-1",
    ),
    *(
        "1e9",
        "\0",
        "a\0b",
        "\x1b[31m",
        "\u202e",
        "a\nb",
        "a" * 5000,
        "../../x",
        "/",
        ".",
        "..",
        "no",
    ),
    *(
        "~",
        "{",
        "{}",
        "{A}",
        "x.y",
        "paged.A.table == [7, x.y]",
        "request A",
        "lane paged",
        "block 1",
    ),
    *("block 99", "é" * 50, "\U0001f600", [], {}, [[]], [None], [0], [1, 2, 3], ["a"], {"a": 1}),
    *({"": None}, [[[[[[[[[[]]]]]]]]]]),
)
"""What a value may be instead."""
MOST_PLACES = 50_000
DEEP = 400
"""Levels of what is nested too deeply."""


def mutated_bytes(data: bytes, dice: random.Random) -> bytes:
    """A few changes to bytes, one after the other."""
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        data = dice.choice(_BYTES)(data, dice)
    return data


def _flip(data: bytes, dice: random.Random) -> bytes:
    if not data:
        return b"\0"
    place = dice.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << dice.randrange(8)]) + data[place + 1 :]


def _insert(data: bytes, dice: random.Random) -> bytes:
    place = dice.randint(0, len(data))
    return data[:place] + dice.choice(PIECES) + data[place:]


def _replace(data: bytes, dice: random.Random) -> bytes:
    start, end = _stretch(data, dice)
    return data[:start] + dice.choice(PIECES) + data[end:]


def _drop(data: bytes, dice: random.Random) -> bytes:
    start, end = _stretch(data, dice)
    return data[:start] + data[end:]


def _double(data: bytes, dice: random.Random) -> bytes:
    start, end = _stretch(data, dice)
    return data[:end] + data[start:end] * dice.choice((1, 1, 2, 50)) + data[end:]


def _truncate(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randint(0, len(data))]


def _move_line(data: bytes, dice: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    if len(lines) < 2:
        return data
    line = lines.pop(dice.randrange(len(lines)))
    lines.insert(dice.randint(0, len(lines)), line)
    return b"".join(lines)


def _stretch(data: bytes, dice: random.Random) -> tuple[int, int]:
    start = dice.randint(0, len(data))
    return start, min(len(data), start + dice.choice((1, 1, 2, 5, 20, 200)))


_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_flip, _insert, _insert, _replace, _replace, _drop, _drop, _double, _truncate, _move_line),
)


def mutated_words(data: bytes, dice: random.Random) -> bytes:
    """A word or two are others of the same file; a number may be one like it. Often still good."""
    for _ in range(dice.choice((1, 1, 2))):
        found = list(_WORD.finditer(data))
        if not found:
            break
        word, other = dice.choice(found), dice.choice(found)[0]
        if word[0].isdigit() and len(word[0]) < 20 and dice.random() < 0.7:
            number = int(word[0])
            near = (0, 1, number + 1, max(number - 1, 0), number * 2, number * 10, number // 2)
            other = str(dice.choice(near)).encode()
        data = data[: word.start()] + other + data[word.end() :]
    return data


_WORD = re.compile(rb"[A-Za-z_]+|[0-9]+")


def mutated(value: Any, dice: random.Random) -> Any:
    """A few changes to what a document says, one after the other."""
    held = [copy.deepcopy(value)]
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        places = list(islice(_places(held), MOST_PLACES))  # aliases may make it endless
        if not places:
            break
        owner, key = dice.choice(places)
        dice.choice(_CHANGES)(owner, key, places, dice)
    return held[0] if held else None


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a document as its owner, a list or a mapping, and its key there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, below in list(pairs):
        yield value, key
        if isinstance(below, dict | list):
            yield from _places(below)


Places = list[tuple[Any, Any]]


def _other_value(owner: Any, key: Any, places: Places, dice: random.Random) -> None:
    owner[key] = copy.deepcopy(dice.choice(VALUES))


def _another_s(owner: Any, key: Any, places: Places, dice: random.Random) -> None:
    other, place = dice.choice(places)
    owner[key] = copy.deepcopy(other[place])


def _lose(owner: Any, key: Any, places: Places, dice: random.Random) -> None:
    del owner[key]


def _rename(owner: Any, key: Any, places: Places, dice: random.Random) -> None:
    if isinstance(owner, dict):
        names = [place for _, place in places if isinstance(place, str)]
        owner[dice.choice([*names, "", "x", "\x1b", 1, None])] = owner.pop(key)
    else:
        owner.append(owner[key])


def _wrap(owner: Any, key: Any, places: Places, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 1, 2, DEEP))):
        owner[key] = dice.choice(([owner[key]], {"a": owner[key]}))


def _repeat(owner: Any, key: Any, places: Places, dice: random.Random) -> None:
    value, count = owner[key], dice.choice((2, 50, 2000))
    if isinstance(value, list | str) and len(value) * count < 200_000:
        owner[key] = value * count


def _count_otherwise(owner: Any, key: Any, places: Places, dice: random.Random) -> None:
    value = owner[key]
    if isinstance(value, int | float) and not isinstance(value, bool):
        factor = dice.choice((-1, 2, 10, 1000))
        owner[key] = dice.choice((value + 1, value - 1, value * factor, value // 2, str(value)))
    elif isinstance(value, str):
        place = dice.randint(0, len(value))
        owner[key] = value[:place] + str(dice.choice(VALUES)) + value[place:]


_CHANGES = (
    *(_other_value, _other_value, _another_s, _lose, _rename, _wrap, _repeat),
    *(_count_otherwise, _count_otherwise, _count_otherwise),
)


def mutated_yaml(data: bytes, dice: random.Random) -> bytes:
    """Another document of the same kind."""
    try:
        document = yaml.load(data, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError):
        return mutated_bytes(data, dice)
    try:
        text = yaml.safe_dump(mutated(document, dice), allow_unicode=True, sort_keys=False)
    except RecursionError:  # what is nested too deeply to be written by this
        return b"title: " + b"[" * DEEP + b"]" * DEEP
    return text.encode("utf-8", "surrogatepass")


def mutated_json(data: bytes, dice: random.Random) -> bytes:
    """Likewise."""
    return json.dumps(mutated(json.loads(data), dice)).encode()


def mutated_lines(data: bytes, dice: random.Random) -> bytes:
    """JSON lines of which one is another, or where lines are lost, doubled or moved."""
    lines = data.splitlines(keepends=True)
    place = min(int(dice.expovariate(1 / 3)), len(lines) - 1)
    match dice.randrange(5):
        case 0:
            return _move_line(data, dice)
        case 1:
            lines.pop(place)
        case 2:
            lines.insert(place, lines[place])
        case _:
            lines[place] = mutated_json(lines[place], dice) + b"\n"
    return b"".join(lines)


def mutated_table(data: bytes, dice: random.Random) -> bytes:
    """CSV in which cells are others."""
    rows = [line.split(b",") for line in data.splitlines()]
    for _ in range(dice.choice((1, 1, 3))):
        row = dice.choice(rows)
        row[dice.randrange(len(row))] = str(dice.choice(VALUES)).encode("utf-8", "surrogatepass")
    return b"\n".join(b",".join(row) for row in rows)


def packed(data: bytes) -> bytes:
    """As gzip, the same every time."""
    return gzip.compress(data, 1, mtime=0)
