"""A queue with removal from its middle in constant time, and a cheap frozen copy."""

from __future__ import annotations

from collections import OrderedDict

SEGMENT = 128
"""Most blocks that one segment ever holds: what one removal from an end may have to skip."""


class Segment(dict[int, None]):
    """A short stretch of the queue, in order; remembers its frozen copy until it changes."""

    __slots__ = ("frozen", "number", "room")

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.room = SEGMENT
        self.frozen: tuple[int, ...] | None = None


class FreeQueue:
    """Block ids in order. Every operation on one block takes constant time.

    The queue is cut into segments, each a dict (which keeps its order) of at most `SEGMENT`
    blocks, and every block knows its segment. A frozen copy joins the segments' frozen copies, so
    only those that changed since the last one are copied block by block.
    """

    __slots__ = ("_segments", "_tail", "_where")

    def __init__(self) -> None:
        self._tail = Segment(0)
        self._segments: OrderedDict[int, Segment] = OrderedDict({0: self._tail})
        self._where: dict[int, Segment] = {}

    def __len__(self) -> int:
        return len(self._where)

    def append(self, block: int) -> None:
        """Add a block at the tail."""
        tail = self._tail
        if not tail.room:
            if not tail:
                del self._segments[tail.number]
            tail = self._tail = Segment(tail.number + 1)
            self._segments[tail.number] = tail
        tail.room -= 1
        tail.frozen = None
        tail[block] = None
        self._where[block] = tail

    def popleft(self) -> int:
        """Take the head out. Raises IndexError if there is none."""
        head = next(iter(self._segments.values()))
        if not head:  # the tail, the only segment that may be empty
            raise IndexError("the queue is empty")
        block = next(iter(head))
        self.remove(block)
        return block

    def remove(self, block: int) -> None:
        """Take a block out, wherever it stands. Raises KeyError if it is not in the queue."""
        segment = self._where.pop(block)
        del segment[block]
        segment.frozen = None
        if not segment and segment is not self._tail:
            del self._segments[segment.number]

    def freeze(self) -> tuple[int, ...]:
        """All blocks, head first."""
        order: list[int] = []
        for segment in self._segments.values():
            if segment.frozen is None:
                segment.frozen = tuple(segment)
            order += segment.frozen
        return tuple(order)
