"""What a beat can show: its card, and on the card of the lanes what stands above and beside them.

Names and meanings alone; `scenes.pictures.panels` draws each of them.
"""

from __future__ import annotations

CARDS = {
    "title": "the opening card: title, first request, lanes",
    "lanes": "the lanes' memory, with a panel above and one beside",
    "recap": "every lane's capacity and its parts, large",
    "chart": "measured numbers",
    "quoted": "published numbers, with their source",
    "definition": "one term, what it means, and a formula",
    "history": "every lane's memory over time, on the same two axes",
    "layers": "what an engine step reads and writes, layer by layer",
    "budget": "where the memory of the `gpu` goes",
    "replay": "a recorded replay as a whole: requests at once, waiting, use of what is held",
}
"""What a beat's whole frame is."""

ABOVE = {
    "prompt": "the requests' words: one row a request",
    "queue": "the requests as the schedulers have them: waiting, running, done",
    "beams": "a beam search as a tree: each word of each beam, from which it went on, and scores",
    "arrivals": "every request that came as a bar: its prompt, and above it its answer",
}
"""Panels over the lanes."""

BESIDE = {
    "metrics": "where every slot is: stored, reserved, internal, external, cached, free",
    "history": "the same over time, a small chart a lane",
    "gauges": "what each lane gains and what it pays, as numbers",
    "free-queue": "the free blocks in the order in which they are handed out; holes by address",
    "holes": "the free holes of each lane at one scale, and what the next request needs",
}
"""Panels beside the lanes; below them where the frame is narrow."""

FORMULAS = {
    "bytes-per-token": "what one token's keys and values weigh in the storyboard's model",
    "blocks": "how many blocks a sequence needs",
    "waste": "what a sequence can waste at most",
    "attention": "what one decode step computes over the cached keys and values",
}
"""What a definition can show; the numbers in them come from the storyboard."""
