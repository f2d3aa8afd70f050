"""The buddy allocator: the rules' example, and what holds after any moves."""

from hypothesis import given
from hypothesis import strategies as st

from pagereel.model.allocators.contiguous.chunks import BuddyAllocator, power_of_two


def test_rule_o10_a_buddy_allocator_splits_and_restores_eleven_blocks():
    buddies = BuddyAllocator(11, largest=8)
    start = buddies.chunks
    assert start == ((0, 8), (8, 2), (10, 1))

    sizes = [power_of_two(blocks) for blocks in (3, 1, 2)]
    starts = [buddies.allocate(size) for size in sizes]

    assert starts == [0, 10, 8]
    assert buddies.chunks == ((4, 4),)
    for first, size in zip(starts, sizes, strict=True):
        buddies.free(first, size)
    assert buddies.chunks == start


@given(
    st.integers(1, 200),
    st.integers(0, 6),
    st.lists(st.tuples(st.booleans(), st.integers(0, 6)), max_size=60),
)
def test_a_buddy_allocator_never_overlaps_and_freeing_all_restores_the_start(count, power, moves):
    buddies = BuddyAllocator(count, largest=2**power)
    start = buddies.chunks
    held = []
    for release, choice in moves:
        if release and held:
            buddies.free(*held.pop(choice % len(held)))
        elif buddies.can_allocate([size := 2 ** min(choice, power)]):
            held.append((buddies.allocate(size), size))
        tiles = sorted([*held, *buddies.chunks])
        assert all(first % size == 0 for first, size in tiles), "every chunk is aligned"
        ends = [first + size for first, size in tiles]
        assert [first for first, _ in tiles] == [0, *ends[:-1]]
        assert ends[-1] == count
    for chunk in held:
        buddies.free(*chunk)
    assert buddies.chunks == start


@given(st.integers(1, 40), st.lists(st.sampled_from([1, 2, 4, 8]), min_size=1, max_size=8))
def test_chunks_can_be_had_at_once_exactly_if_one_after_the_other_can(count, sizes):
    asked, taken = BuddyAllocator(count, 8), BuddyAllocator(count, 8)
    possible = True
    for size in sizes:
        possible = possible and taken.can_allocate([size])
        if possible:
            taken.allocate(size)
    assert asked.can_allocate(sizes) is possible
