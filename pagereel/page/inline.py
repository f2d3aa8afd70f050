"""A page inside another one, as a notebook shows it: all in one piece of HTML.

It may stand in anybody's page. So it is a frame that reaches nothing around it, and that has no
engine: it can be stepped through, not changed.
"""

from __future__ import annotations

from html import escape

from pagereel.page.publish import page_text
from pagereel.render.plan import Source
from pagereel.scenes.shapes.typeface import visible

HEIGHT = 640
"""In CSS pixels."""


def framed(source: Source) -> str:
    """The storyboard's page as a frame. Raises `MachineFailed` where the player is not built."""
    title, document = escape(visible(source.storyboard.title)), escape(page_text(source))
    return (
        f'<iframe title="{title}" sandbox="allow-scripts" allow="fullscreen" width="100%" '
        f'height="{HEIGHT}" style="border:0" srcdoc="{document}"></iframe>'
    )
