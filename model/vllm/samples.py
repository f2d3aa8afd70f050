"""What vLLM's front end makes of one request before the engine sees it."""

from __future__ import annotations

from dataclasses import replace

from model.lane import GroupNotServed
from model.request import Request


def independent(request: Request) -> tuple[Request, ...]:
    """One request for each parallel sample; nothing in the engine ties them together (V1).

    They are called as on screen (`Request.sequence_ids`), not 0_A, 1_A as in vLLM. Raises
    `GroupNotServed` for a beam search: in vLLM that is a client which sends new requests at every
    step (V3).
    """
    if request.beam:
        reason = "vLLM searches with beams outside the engine"
        raise GroupNotServed(request.id, request.width, reason)
    if request.n == 1:
        return (request,)
    return tuple(
        replace(request, id=name, n=1, outputs=(), output=request.output_of(place))
        for place, name in enumerate(request.sequence_ids)
    )
