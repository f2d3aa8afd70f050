"""A balance adds up what a lane has served, used and paid, moment by moment."""

from itertools import pairwise

from pagereel.model.readings.balance import balances
from pagereel.read import read_timeline

from places import ROOT

FOX = ROOT / "storyboards/01-the-quick-brown-fox.yaml"
PREEMPTION = next((ROOT / "storyboards").glob("11-*.yaml"))


def every(file):
    """Its moments, each once, and the balance after each."""
    beats = read_timeline(file).beats
    steps = {id(step): step for beat in beats for step in beat.steps}.values()
    return [*steps], [*balances(steps)]


def test_a_balance_knows_who_ran_at_once_and_what_was_used():
    steps, found = every(FOX)
    contiguous, paged = found[-1]
    assert (contiguous.is_paged, paged.is_paged) == (False, True)
    assert contiguous.most_running == max(len(s.lane("contiguous").state.running) for s in steps)
    assert paged.most_running == 3
    assert contiguous.most_held == 48
    assert contiguous.now.refused == 2
    assert paged.use > contiguous.use
    assert [lane.finished for lane in found[0]] == [0, 0]
    assert [lane.use for lane in found[0]] == [None, None]


def test_what_has_happened_never_gets_less():
    _, found = every(PREEMPTION)
    for before, after in pairwise(found):
        for old, new in zip(before, after, strict=True):
            for name in (
                "finished",
                "ended",
                "done_at",
                "most_running",
                "most_held",
                "preemptions",
            ):
                assert getattr(new, name) >= getattr(old, name)
    assert all(lane.preemptions for lane in found[-1])
