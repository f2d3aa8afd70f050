"""The state of one reading: what has been found wrong, and what is therefore in doubt."""

from __future__ import annotations

from pagereel.model.storyboard.storyboard import Claim
from pagereel.read.document.nodes import Path, key_span, nearest, span_at
from pagereel.read.document.problem import Problem
from pagereel.read.document.source import Span
from pagereel.read.form.schema import BeatForm, ShotForm, shots_of
from pagereel.read.form.validate import Checked

MOST = 200
"""Problems after which no more are looked for."""


class Enough(Exception):
    """So much is wrong that looking further helps nobody."""


class Review:
    """Collects problems, and knows what they put in doubt, so that no mistake is told twice."""

    def __init__(self, checked: Checked) -> None:
        self.problems: list[Problem] = []
        self.unmet: dict[tuple[int, Claim], Problem] = {}
        """Claims that do not hold, each with its beat (from 0)."""
        self.done: dict[int, Problem] = {}
        """Tasks, from 0, that nothing is left to do for."""
        self.unheard: dict[Path, Problem] = {}
        """What no lane does, because it is too early or too late, by its place in the form."""
        self.sound_beats = len(checked.form.beats)
        """Beats from the first on whose state can be trusted."""
        self._checked, self._nameless = checked, False
        for path in checked.lost:
            self._doubt(path)

    def complain(self, span: Span, message: str, remedy: str = "") -> None:
        """Report a problem. Raises `Enough` when there are too many."""
        self.problems.append(Problem(span, message, remedy))
        if len(self.problems) >= MOST:
            raise Enough

    def distrust_from(self, beat: int) -> None:
        """From this beat on (from 0), what the model would play is not what the author meant."""
        self.sound_beats = min(self.sound_beats, beat)

    def at(self, *path: str | int) -> Span:
        """The place of a value of the form."""
        return span_at(self._checked.root, path)

    def key(self, *path: str | int) -> Span:
        """The place of a key of the form."""
        return key_span(self._checked.root, path)

    def shots(self, beat: int) -> tuple[tuple[Path, ShotForm], ...]:
        """The shots of a beat (from 0), each with the path of its keys: the beat's own if it has
        no others."""
        form, path = self._checked.form.beats[beat], ("beats", beat)
        paths: list[Path] = [(*path, "shots", i) for i in range(len(form.shots))]
        return tuple(zip(paths or [path], shots_of(form), strict=True))

    def has_strays(self, path: Path) -> bool:
        """Whether the mapping at this path had keys that nobody knows: some other key misspelt."""
        known = (*BeatForm.model_fields, *ShotForm.model_fields)
        return any(
            lost[:-1] == path and lost[-1] not in known for lost in self._checked.lost if lost
        )

    def has(self, *path: str | int) -> bool:
        """Whether the form has a value at this path."""
        _, rest = nearest(self._checked.root, path)
        return not rest

    def lost(self, *path: str | int) -> bool:
        """Whether something at or under this path was invalid and has been left out."""
        return any(lost[: len(path)] == path or lost == path[:-1] for lost in self._checked.lost)

    def is_nameless(self) -> bool:
        """Whether the lanes or the requests are lost as a whole, so that no name can be judged."""
        lost = self._checked.lost
        return self._nameless or ("lanes",) in lost or ("requests",) in lost

    def lose_names(self) -> None:
        """The requests cannot be known: from now on no name is judged, and nothing is played."""
        self._nameless = True
        self.distrust_from(0)

    def _doubt(self, path: Path) -> None:
        match path:
            case ("beats", int(beat), *rest):
                if rest[:1] == ["shots"] and len(rest) > 2:
                    rest = rest[2:]
                if rest[:1] not in _TEXTS:
                    self.distrust_from(beat)
            case (
                "title"
                | "subtitle"
                | "about"
                | "model"
                | "gpu"
                | "record"
                | "lanes"
                | "beats"
                | "tasks",
                *_,
            ):
                pass  # texts say nothing of the state; a lane and the model are asked for by name
            case _:
                self.distrust_from(0)


_TEXTS = tuple(
    [key]
    for key in (
        *("title", "say", "focus", "callouts", "expect", "card", "chart", "attend", "levels"),
        *("show", "camera"),
    )
)
