"""What is packed says once what repeats; a player's unpacking is tried in a browser."""

from pagereel.scenes.page.packing import packed


def story(rows=(), pictures=(), motions=(), steps=()):
    canvas = {"rows": rows, "pictures": pictures, "motions": motions}
    return packed({"format": 1, "canvases": {"16:9": canvas}, "beats": [{"steps": steps}]})


def test_neighbours_in_a_picture_are_told_as_first_and_count():
    told = story(pictures=[[4, 5, 6, 9]])
    assert told["canvases"]["16:9"]["pictures"] == [[4, 3, 9, 1]]


def test_tracks_of_neighbours_at_the_same_time_are_one_run():
    tracks = [[1, 7, 0, 400], [2, 8, 0, 400], [5, -1, 0, 400, 3], [-1, 9, 400, 900]]
    told = story(motions=[tracks])["canvases"]["16:9"]["motions"]
    assert told == [[[2, 1, 7, 0, 400], [1, 2, None, 0, 400, 3], [1, None, 0, 400, 900]]]


def test_a_row_is_told_by_what_differs_from_the_one_before():
    block = {"k": "block/9", "b": [10, 20, 8.18, 8.13], "f": "slot", "n": "free"}
    rows = [block, block | {"k": "block/10", "b": [20.66, 20, 8.18, 8.13]}]
    rows += [{"k": "title", "t": "Paged"}, block | {"f": "edge"}]
    assert story(rows=rows)["canvases"]["16:9"]["rows"] == [
        {"k": "block/9", "b": [1000, 2000, 818, 813], "f": "slot", "n": "free"},
        {"b": [1066, 0, 0, 0]},
        {"k": "title", "t": "Paged", "-": ["b", "f", "n"]},
        {"k": "block/9", "b": [0, 0, 0, 0], "f": "edge", "n": "free", "-": ["t"]},
    ]


def test_a_step_tells_of_those_requests_that_have_changed():
    def step(**requests):
        return {"memory": {"paged": {"held": 8, "requests": requests}}}

    a, b = {"held": 4, "table": [7]}, {"held": 4, "table": [1]}
    steps = [step(A=a), step(A=a, B=b), step(A=a | {"table": [7, 3]})]
    told = story(steps=steps)["beats"][0]["steps"]
    assert [at["memory"]["paged"]["requests"] for at in told] == [
        {"A": a},
        {"B": b},
        {"A": {"held": 4, "table": [3], "kept": 1}, "B": None},
    ]


def test_requests_that_are_gone_are_told_in_their_order_the_same_in_every_process():
    def step(names):
        requests = {name: {"held": 4} for name in names}
        return {"memory": {"paged": {"held": 8, "requests": requests}}}

    told = story(steps=[step(["r12", "r3", "r7", "A"]), step([])])["beats"][0]["steps"][1]
    assert [*told["memory"]["paged"]["requests"]] == ["r12", "r3", "r7", "A"]
