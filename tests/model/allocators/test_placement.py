"""Where a reservation goes: first fit and best fit."""

import pytest

from pagereel.model.allocators.contiguous.placement import best_fit, first_fit
from pagereel.model.core.events import RegionMoved
from pagereel.model.usage.occupancy import Hole

from driving import ask, contiguous, of, regions, step


def test_first_fit_takes_the_first_hole_and_best_fit_the_tightest():
    holes = (Hole(0, 9), Hole(20, 5), Hole(30, 5), Hole(40, 8))
    assert first_fit(holes, 5) == Hole(0, 9)
    assert best_fit(holes, 5) == Hole(20, 5)
    assert best_fit(holes, 6) == Hole(40, 8)
    assert first_fit(holes, 10) is None
    assert best_fit(holes, 10) is None


@pytest.mark.parametrize(("placement", "start"), [("first-fit", 0), ("best-fit", 30)])
def test_a_reservation_goes_where_the_placement_says(placement, start):
    lane = contiguous("contiguous", 59, max_len=10, placement=placement)
    for name, length in zip("ABCDE", (1, 1, 9, 1, 9), strict=True):
        lane.submit(ask(name, 2, length))
    step(lane)
    assert regions(lane) == {"C": (20, 10), "E": (40, 10)}
    lane.submit(ask("F", 2, 1))
    lane.schedule()
    assert regions(lane)["F"] == (start, 10)


@pytest.mark.parametrize(("placement", "start"), [("first-fit", 3), ("best-fit", 10)])
def test_a_growing_tensor_moves_to_the_hole_that_the_placement_chooses(placement, start):
    lane = contiguous("contiguous/dynamic", 30, placement=placement)
    lane.submit(ask("A", 3, 3))
    lane.submit(ask("B", 6, 1))
    lane.submit(ask("C", 1, 3))
    lane.submit(ask("D", 4, 1))
    lane.submit(ask("E", 10, 2))
    step(lane)
    moved = of(RegionMoved, lane.schedule())
    assert moved[0] == RegionMoved("A", source=0, target=start, entries=3)
