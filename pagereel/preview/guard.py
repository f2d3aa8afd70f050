"""Who may ask the preview, how many at once, and how long they may take.

Only this machine can reach it, only under its own name, and only whoever knows its address: that
has a token in it, so that others who work on this machine see nothing. A page of another site that
the browser has open can neither read it (Host, Origin) nor show it in a frame.
"""

from __future__ import annotations

from secrets import compare_digest
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HERE = "127.0.0.1"
MOST = 64
"""Connections at once: a browser has six, and one more for the news of each page."""
PATIENCE_S = 10.0
"""Seconds in which a request is to be asked, and an answer to be taken."""
LOOK_S = 1.0
REFUSED = (
    "this preview is for this machine's own page alone: open the address that pagereel has printed"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Lets in what this machine's own page asks for, and tells the browser to keep to itself."""

    def __init__(self, app: ASGIApp, port: int, token: str, policy: str) -> None:
        self._app = app
        policy = f"{policy}; frame-ancestors 'none'"
        self._headers = {**HEADERS, "Content-Security-Policy": policy}
        self._known = {f"{name}:{port}" for name in (HERE, "localhost")}
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, whose path starts with the token."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        given, slash, rest = scope["path"].removeprefix("/").partition("/")
        if self._is_own(Headers(scope=scope)) and self._knows(given) and slash:
            await self._app({**scope, "path": f"/{rest}"}, receive, guarded)
            return
        refusal = PlainTextResponse(REFUSED, 403, headers={"Connection": "close"})
        await refusal(scope, receive, guarded)

    def _is_own(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        own = origin is None or origin.removeprefix("http://") in self._known
        return own and headers.get("host") in self._known

    def _knows(self, given: str) -> bool:
        return compare_digest(given.encode("utf-8", "replace"), self._token)


class Connection(H11Protocol):
    """A connection to a browser. It ends when nothing is asked or nothing is taken for too long.

    One too many takes the place of that which has waited longest: what cannot say the token is
    never long at work, so nobody can keep the page's own requests out.
    """

    since = 0.0
    """When it last began to wait, by the loop's clock."""
    _last: object = None

    @property
    def waits(self) -> bool:
        """Whether it is the other side's turn."""
        return self.cycle is None or self.cycle.response_complete or self.flow.write_paused

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  # as uvicorn's own
        """Take the connection in."""
        super().connection_made(transport)
        self.since = self.loop.time()
        if len(self.connections) > MOST:
            open_now = [line for line in self.connections if isinstance(line, Connection)]
            waiting = [line for line in open_now if line.waits and line is not self]
            min(waiting, key=lambda line: line.since, default=self).transport.abort()
        self._look()

    def _look(self) -> None:
        """Close it if it waits for too long; look again soon."""
        if self.transport.is_closing():
            return
        now = self.loop.time()
        if not self.waits or self.cycle is not self._last:
            self.since, self._last = now, self.cycle
        elif now - self.since > PATIENCE_S:
            self.transport.abort()
            return
        self.loop.call_later(LOOK_S, self._look)
