"""The preview's server: one page, its pictures and fonts, and a line to the browser for news.

Only this machine can reach it, and only under its own name: a page of another site that the
browser has open can neither read it (Host, Origin) nor show it in a frame.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvicorn
import watchfiles
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pagereel.errors import MachineFailed
from pagereel.preview.studio import Studio

HERE = "127.0.0.1"
STATIC = Path(__file__).parent / "static"
SETTLED_MS, LOOK_MS = 40, 10
"""A save is over when the file has been still for so long; how often to look."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "font-src 'self'; img-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Lets in what this machine's own page asks for, and tells the browser to keep to itself."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._known = {f"{name}:{port}" for name in (HERE, "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        own = origin is None or origin.removeprefix("http://") in self._known
        if headers.get("host") not in self._known or not own:
            refusal = PlainTextResponse("this preview is for this machine's own page alone", 403)
            await refusal(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, guarded)


class News:
    """Wakes everyone who waits whenever there is something new."""

    def __init__(self) -> None:
        self._told = asyncio.Event()
        self.over = False
        """Whether there will be no more."""

    def end(self) -> None:
        """Send everyone home."""
        self.over = True
        self.tell()

    def tell(self) -> None:
        """Wake all who wait now."""
        self._told.set()
        self._told = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Until there is news, or for so long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._told.wait(), seconds)


def application(studio: Studio, news: News, port: int) -> Starlette:
    """The preview of one storyboard, to be served on a port of this machine."""

    @asynccontextmanager
    async def watching(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(_watch(studio, news))
        yield
        task.cancel()

    async def events(request: Request) -> Response:
        return StreamingResponse(_tell(studio, news), media_type="text/event-stream")

    async def drawing(request: Request) -> Response:
        place = (request.path_params[name] for name in ("version", "beat", "step"))
        try:
            drawn = await asyncio.to_thread(studio.drawing, *place)
        except LookupError:
            raise HTTPException(404) from None
        return Response(drawn, media_type="image/svg+xml")

    routes = [
        Route("/", lambda request: FileResponse(STATIC / "index.html")),
        Route("/app.js", lambda request: FileResponse(STATIC / "app.js")),
        Route("/style.css", lambda request: FileResponse(STATIC / "style.css")),
        Route("/fonts.css", lambda request: Response(font_sheet(), media_type="text/css")),
        Route("/fonts/{source}", _font),
        Route("/drawings/{version:int}/{beat:int}/{step:int}", drawing),
        Route("/events", events),
    ]
    middleware = [Middleware(Guard, port=port)]
    return Starlette(routes=routes, middleware=middleware, lifespan=watching)


async def _watch(studio: Studio, news: News) -> None:
    """Load the storyboard again whenever it is saved; editors may put a new file in its place."""
    name = studio.path.name
    changes = watchfiles.awatch(
        studio.path.absolute().parent,
        watch_filter=lambda change, path: Path(path).name == name,
        debounce=SETTLED_MS,
        step=LOOK_MS,
        recursive=False,
    )
    async for _ in changes:
        if await asyncio.to_thread(studio.load):
            news.tell()


async def _tell(studio: Studio, news: News) -> AsyncIterator[str]:
    """What is shown now, and again whenever it changes, as server-sent events."""
    told = None
    while not news.over:
        if told != studio.version:
            told = studio.version
            yield f"data: {json.dumps(studio.shown)}\n\n"
        else:
            yield ": still here\n\n"
        await news.wait(15)


def font_sheet() -> str:
    """The style sheet that brings the faces. What is named last is asked first."""
    from pagereel.scenes.drawing.glyphs import SOURCES

    return "".join(
        f"@font-face{{font-family:pagereel-{face};src:url(/fonts/{source})}}\n"
        for face, sources in SOURCES.items()
        for source in reversed(sources)
    )


async def _font(request: Request) -> Response:
    from pagereel.scenes.drawing.glyphs import SOURCES, FontMissing, font_file

    source = request.path_params["source"]
    if source not in {name for sources in SOURCES.values() for name in sources}:
        raise HTTPException(404)
    try:
        return Response(font_file(source), media_type="font/ttf")
    except FontMissing:
        raise HTTPException(404) from None


class _Server(uvicorn.Server):
    """Lets the pages that listen go before it waits for them."""

    news: News

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what would never end by itself, then all the rest."""
        self.news.end()
        await super().shutdown(sockets)


def serve(studio: Studio, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted. Raises `MachineFailed` for a port that is taken.

    `ready` is told the address as soon as the browser can be sent there.
    """
    try:
        listening = socket.create_server((HERE, port))
    except OSError as problem:
        raise MachineFailed(f"port {port} is taken; choose another with --port") from problem
    chosen = listening.getsockname()[1]
    news = News()
    app = application(studio, news, chosen)
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, lifespan="on")
    server = _Server(config)
    server.news = news
    ready(f"http://{HERE}:{chosen}/")
    with suppress(KeyboardInterrupt):  # the way to end it
        server.run(sockets=[listening])
