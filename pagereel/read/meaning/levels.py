"""The card `levels`: where its camera stops has to be there."""

from __future__ import annotations

from pagereel.model.allocators.kinds import kind_of
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.read.form.schema import StoryboardForm
from pagereel.read.meaning.review import Review


def check_levels(form: StoryboardForm, storyboard: Storyboard, review: Review) -> None:
    """Report a card `levels` without a lane that has blocks, and one that starts at no GPU."""
    # A lane of the file that is not sound is there by name alone, and of no kind.
    lanes = storyboard.lanes
    has_blocks = review.lost("lanes") or any(not s.kind or kind_of(s).paging for s in lanes)
    has_gpu = form.gpu is not None or review.lost("gpu")
    for number in range(len(form.beats)):
        for path, shot in review.shots(number):
            if not shot.levels or shot.card != "levels":
                continue
            if not has_blocks:
                message = "no lane has blocks that the camera could look into"
                remedy = "add a lane, as `{kind: paged}`"
                review.complain(review.key(*path, "levels"), message, remedy)
                return
            if "gpu" in shot.levels and not has_gpu:
                span = review.at(*path, "levels", shot.levels.index("gpu"))
                remedy = "describe it at the top of the file, or start at `pool`"
                review.complain(span, "the level `gpu` needs a `gpu`", remedy)
