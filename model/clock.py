"""Who follows the clock: groups whose steps only count, and when each is due for more."""

from __future__ import annotations

from model.group import SequenceGroup


class Clock:
    """Lone sequences whose steps only count, and when each has other business."""

    def __init__(self) -> None:
        self.now = 0
        self.members: dict[SequenceGroup, int] = {}
        """Each with the time at which its counters were right."""
        self._due: dict[SequenceGroup, int] = {}
        self._calls: dict[int, list[SequenceGroup]] = {}
        self._ahead = 0  # entries of all members, each less the time: constant while they count

    @property
    def entries(self) -> int:
        """K/V entries of all members now."""
        return self._ahead + len(self.members) * self.now

    def join(self, group: SequenceGroup, quiet_steps: int) -> None:
        """Follow the clock; the group is due after so many quiet steps."""
        due = self._due[group] = self.now + quiet_steps
        self._calls.setdefault(due, []).append(group)
        self.members[group] = self.now
        self._ahead += group.computed - self.now

    def leave(self, group: SequenceGroup) -> int:
        """Stop following; returns the steps since the group's counters were right."""
        self._calls[self._due.pop(group)].remove(group)
        since = self.members.pop(group)
        self._ahead -= group.computed - since
        return self.now - since

    def due(self) -> tuple[SequenceGroup, ...]:
        """Members with business in the coming step."""
        return tuple(self._calls.get(self.now, ()))

    def quiet_steps(self, limit: int) -> int:
        """Steps, at most `limit`, before one in which a member is due."""
        if not self.members:
            return limit
        count = 0
        while count < limit and not self._calls.get(self.now + count):
            count += 1
        return count

    def tick(self, steps: int) -> None:
        """Every member took so many steps."""
        for passed in range(self.now, self.now + steps) if self._calls else ():
            self._calls.pop(passed, None)
        self.now += steps
