"""What tests of a lane do to it: make requests, take a step under the laws, pick out events."""

from pagereel.model.allocators.kinds import build
from pagereel.model.allocators.lane_kind import LaneSpec
from pagereel.model.core.request import Request
from pagereel.model.usage.gauge import read_gauge
from pagereel.model.usage.laws import uphold


def contiguous(kind, slots, **more):
    return build(LaneSpec("left", kind, "Contiguous", slots, **more))


def paper(blocks, block_size=4, free_order=(), **options):
    return build(
        LaneSpec(
            "right",
            "paged/paper",
            "Paged",
            blocks * block_size,
            block_size=block_size,
            free_order=free_order,
            options=tuple(options.items()),
        )
    )


def ask(name, prompt, output, **more):
    return Request(name, range(prompt), range(100, 100 + output), **more)


def step(lane):
    events = lane.schedule()
    uphold(lane.snapshot())
    events += lane.update()
    uphold(lane.snapshot())
    return events


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def regions(lane):
    return {r.request: (r.start, r.size) for r in lane.snapshot().memory.regions}


class Both:
    """Drives a leaping and a stepping lane side by side and compares them at every boundary."""

    def __init__(self, leaping, stepping):
        self.leaping, self.stepping = leaping, stepping

    @property
    def tally(self):
        return self.leaping.tally

    def submit(self, request):
        self.leaping.submit(request)
        self.stepping.submit(request)

    def abort(self, request_id):
        self.leaping.abort(request_id)
        self.stepping.abort(request_id)

    def leap(self, limit):
        count = self.leaping.leap(limit)
        assert 1 <= count <= limit
        for _ in range(count):
            self.take_a_step()
        assert self.leaping.tally == self.stepping.tally
        assert self.leaping.gauge() == self.stepping.gauge()
        return count

    def take_a_step(self):
        self.stepping.leap(1)

    def newcomers(self):
        found = self.leaping.newcomers()
        assert found == self.stepping.newcomers()
        return found

    def gauge(self):
        return self.leaping.gauge()

    def snapshot(self):
        state = self.leaping.snapshot()
        assert state == self.expected(self.stepping.snapshot())
        assert self.gauge() == read_gauge(state)
        return state

    def expected(self, state):
        return state
