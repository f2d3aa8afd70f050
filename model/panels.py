"""What a beat can show: its card, and on the card of the lanes what stands above and beside them.

Names and meanings alone; `scenes.pictures.panels` draws each of them.
"""

from __future__ import annotations

CARDS = {
    "title": "the opening card: title, first request, lanes",
    "lanes": "the lanes' memory, with a panel above and one beside",
    "recap": "every lane's capacity and its parts, large",
    "chart": "measured numbers",
    "definition": "one term, what it means, and a formula",
    "replay": "a recorded replay as a whole: requests at once, waiting, use of what is held",
}
"""What a beat's whole frame is."""

ABOVE = {
    "prompt": "the requests' words: one row a request",
    "arrivals": "every request that came as a bar: its prompt, and above it its answer",
}
"""Panels over the lanes."""

BESIDE = {
    "metrics": "where every slot is: stored, reserved, internal, external, cached, free",
}
"""Panels beside the lanes; below them where the frame is narrow."""

FORMULAS = {
    "bytes-per-token": "what one token's keys and values weigh in the storyboard's model",
    "blocks": "how many blocks a sequence needs",
    "waste": "what a sequence can waste at most",
    "attention": "what one decode step computes over the cached keys and values",
}
"""What a definition can show; the numbers in them come from the storyboard."""
