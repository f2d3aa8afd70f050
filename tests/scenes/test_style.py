"""The themes, by computation: hues stay apart for every eye, and whatever is read or seen stands
out from what it lies on.

Colour blindness is simulated after Machado, Oliveira and Fernandes, "A physiologically-based model
for simulation of color vision deficiency" (2009), at full severity, on linear RGB; differences are
Euclidean in CIELAB under D65 (CIE 1976).
"""

from itertools import combinations
from math import dist

import pytest

from pagereel.scenes.shapes.colours import contrast
from pagereel.scenes.style import AT_REST, LEAST_PATTERN, THEMES, colour

EYES = {
    "every cone": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
WHITE = (0.95047, 1.0, 1.08883)
HUES = range(8)
NEIGHBOURS = {"solid": 19, "pale": 14}
"""CIELAB units between requests that follow each other, newest and older tokens."""
FIRST_FOUR = {"solid": 19, "pale": 12}
"""Between any two of the first four: few pictures show more."""
ANY_TWO = {"solid": 9, "pale": 7}
"""Between any two; their letters and the blocks' outlines tell them apart as well."""
SEQUENCES = 12
"""Between the tints of one request's sequences, for an eye with every cone; a colour-blind one goes
by their names."""
OLD_TO_NEW = 20
"""Between a request's newest and its older tokens."""


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def seen(ink, theme, eye):
    """The colour in CIELAB as an eye without one kind of cone sees it."""
    shown = colour(ink, THEMES[theme])[:3]
    light = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shown]
    left = [min(max(c, 0.0), 1.0) for c in times(EYES[eye], light)]
    parts = [a / b for a, b in zip(times(TO_XYZ, left), WHITE, strict=True)]
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in parts)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(first, second, theme):
    """The least distance of two roles over all eyes."""
    return min(dist(seen(first, theme, eye), seen(second, theme, eye)) for eye in EYES)


def against(ink, ground, theme):
    return contrast(colour(ink, THEMES[theme]), colour(ground, THEMES[theme]))


def sequences(hue):
    return [f"request {hue}", *(f"request {hue}.{place}" for place in range(1, 4))]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", NEIGHBOURS)
def test_every_eye_tells_neighbouring_requests_apart(tone, theme):
    pairs = [(f"request {hue} {tone}", f"request {(hue + 1) % 8} {tone}") for hue in HUES]
    assert min(apart(*pair, theme) for pair in pairs) >= NEIGHBOURS[tone]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", NEIGHBOURS)
def test_every_eye_tells_any_two_requests_apart(tone, theme):
    for count, bar in ((4, FIRST_FOUR), (8, ANY_TWO)):
        roles = [f"request {hue} {tone}" for hue in range(count)]
        assert min(apart(*pair, theme) for pair in combinations(roles, 2)) >= bar[tone]


@pytest.mark.parametrize("theme", THEMES)
def test_every_eye_tells_new_tokens_from_old_ones_and_both_from_an_empty_slot(theme):
    for hue in HUES:
        new, old = f"request {hue} solid", f"request {hue} pale"
        assert apart(new, old, theme) >= OLD_TO_NEW
        assert apart(old, "slot", theme) >= 9
        assert apart(new, "slot", theme) >= 22


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", NEIGHBOURS)
def test_sequences_of_one_request_have_tints_of_its_hue(tone, theme):
    for hue in HUES[:7]:  # the eighth has next to no hue to turn
        found = [seen(f"{whose} {tone}", theme, "every cone") for whose in sequences(hue)]
        assert min(dist(*pair) for pair in combinations(found, 2)) >= SEQUENCES


@pytest.mark.parametrize("theme", THEMES)
def test_words_can_be_read_on_every_tone_bright_or_at_rest(theme):
    for whose in (whose for hue in HUES for whose in sequences(hue)):
        assert against("text", f"{whose} pale", theme) >= 4.5
        assert against(f"{whose} on", f"{whose} solid", theme) >= 4.5
        assert against("muted", f"{AT_REST}{whose} pale", theme) >= 4.5
    for ground in ("background", "card", "slot"):
        for ink in ("text", "muted"):
            assert against(ink, ground, theme) >= 4.5
    for ink in ("accent", "warning"):
        assert against(ink, "background", theme) >= 4.5
        assert against(ink, "card", theme) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_a_slot_can_be_seen_on_its_card_and_so_can_what_it_holds(theme):
    assert against("slot", "card", theme) >= 1.5
    for hue in HUES:
        assert against(f"request {hue} pale", "card", theme) >= 1.5
        assert against(f"request {hue} line", "card", theme) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_hatching_dots_and_rings_can_be_seen_on_a_slot(theme):
    for whose in (whose for hue in HUES for whose in sequences(hue)):
        assert against(f"{whose} edge", "slot", theme) >= LEAST_PATTERN
    assert against("muted", "slot", theme) >= LEAST_PATTERN


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_at_rest_has_next_to_no_colour(theme):
    for hue in HUES:
        _, a, b = seen(f"{AT_REST}request {hue} pale", theme, "every cone")
        assert dist((a, b), (0, 0)) < 20


def test_a_role_that_does_not_exist_is_named():
    with pytest.raises(KeyError, match="mauve"):
        colour("mauve", THEMES["dark"])
