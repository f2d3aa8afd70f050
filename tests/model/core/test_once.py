"""An answer about an object is kept as long as the object, and no longer."""

from dataclasses import dataclass

from pagereel.model.core.once import once


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Thing:
    name: str


def test_it_is_asked_once_of_each_object_and_again_of_its_equal():
    asked = []
    length = once(lambda thing: asked.append(thing.name) or len(thing.name))
    one, other = Thing("a"), Thing("a")
    assert [length(one), length(one), length(other)] == [1, 1, 1]
    assert asked == ["a", "a"]


def test_what_takes_the_place_of_an_object_that_is_gone_is_asked_anew():
    length = once(lambda thing: len(thing.name))
    assert [length(Thing("x" * count)) for count in range(100)] == [*range(100)]


def test_a_failure_is_no_answer():
    answers = iter([ValueError, 1])

    def answer(thing):
        found = next(answers)
        if found is ValueError:
            raise found
        return found

    asked, thing = once(answer), Thing("a")
    try:
        asked(thing)
    except ValueError:
        assert asked(thing) == 1
