"""The preview's server: the player's page, its story and fonts, and a line for news of saves."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import uvicorn
import watchfiles
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from pagereel.errors import MachineFailed
from pagereel.page import built
from pagereel.page.document import PageParts, page, policy, waiting_page
from pagereel.preview.guard import HERE, Connection, Guard
from pagereel.preview.studio import Studio
from pagereel.scenes.page.packing import packed

LOOKS = Path(__file__).with_name("problems.css")
SETTLED_MS, LOOK_MS = 40, 10
"""A save is over when the file has been still for so long; how often to look."""
BACKLOG = 32
"""Connections that are taken in at a time."""
T = TypeVar("T")


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


def application(studio: Studio, news: News, port: int, token: str) -> Starlette:
    """The preview of one storyboard, to be served on a port of this machine, below the token."""

    @asynccontextmanager
    async def watching(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(_watch(studio, news))
        yield
        task.cancel()

    async def events(request: Request) -> Response:
        return StreamingResponse(_tell(studio, news), media_type="text/event-stream")

    async def page(request: Request) -> Response:
        return HTMLResponse(await aside(_page, studio))

    async def story(request: Request) -> Response:
        if studio.played is None:
            raise HTTPException(404)
        return JSONResponse(packed(studio.played.story))

    routes = [
        Route("/", page),
        Route("/preview.js", lambda request: FileResponse(built.PREVIEW)),
        Route("/story.json", story),
        Route("/fonts/{source}", _font),
        Route("/events", events),
    ]
    middleware = [Middleware(Guard, port=port, token=token, policy=policy(_parts()))]
    return Starlette(routes=routes, middleware=middleware, lifespan=watching)


def _page(studio: Studio) -> str:
    """The player's page, with what drives it; without a story yet that alone."""
    parts = replace(_parts(), theme=studio.settings.theme)
    if studio.played is None:
        return waiting_page(studio.path.name, parts)
    return page(studio.played.story, "", parts)


def _parts() -> PageParts:
    return PageParts(built.player(), font_sheet() + LOOKS.read_text("utf-8"), driver="preview.js")


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
    try:
        async for _ in changes:
            if await aside(studio.load):
                news.tell()
    except Exception as problem:  # whatever the system says of its folder
        studio.fail(f"{name} is not watched any more, start the preview again: {problem}")
        news.tell()


async def aside(work: Callable[..., T], *given: object) -> T:
    """Have a thread do what may take long. Nobody waits for it when the preview ends."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, problem: Exception | None) -> None:
        if done.done():
            return
        if problem is not None:
            done.set_exception(problem)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # there is one where no problem is

    def run() -> None:
        result, problem = None, None
        try:
            result = work(*given)
        except Exception as raised:
            problem = raised
        with suppress(RuntimeError):  # the preview has ended
            loop.call_soon_threadsafe(settle, result, problem)

    threading.Thread(target=run, daemon=True).start()
    return await done


async def _tell(studio: Studio, news: News) -> AsyncIterator[str]:
    """What is shown now, and again whenever it changes, as server-sent events."""
    version = None
    while not news.over:
        if version != studio.version:
            version = studio.version
            told = {"version": studio.version, "problems": studio.problems}
            yield f"data: {json.dumps(told)}\n\n"
        else:
            yield ": still here\n\n"
        await news.wait(15)


def font_sheet() -> str:
    """The style sheet that brings the faces. What is named last is asked first."""
    from pagereel.scenes.drawing.glyphs import SOURCES

    return "".join(
        f"@font-face{{font-family:pagereel-{face};src:url(fonts/{source})}}\n"
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
    """Lets the pages that listen go before it waits for them; Ctrl-C is the way to end it."""

    news: News

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End in order for every signal; but for Ctrl-C, hand it on when that is done."""
        numbers = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
        before = {number: signal.getsignal(number) for number in numbers if number}
        kept = {number: old for number, old in before.items() if old is not signal.SIG_IGN}
        for number in kept:
            signal.signal(number, self.handle_exit)
        try:
            yield
        finally:
            for number, old in kept.items():
                signal.signal(number, old)
        for number in {*self._captured_signals} - {signal.SIGINT}:
            signal.raise_signal(number)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what would never end by itself, then all the rest."""
        self.news.end()
        await super().shutdown(sockets)


def serve(studio: Studio, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted. Raises `MachineFailed` for a port that is taken.

    `ready` is told the address as soon as the browser can be sent there. Nobody else knows it.
    """
    try:
        listening = socket.create_server((HERE, port))
    except OSError as problem:
        raise MachineFailed(f"port {port} is taken; choose another with --port") from problem
    chosen, token = listening.getsockname()[1], secrets.token_urlsafe(16)
    news = News()
    config = uvicorn.Config(
        application(studio, news, chosen, token),
        http=Connection,
        backlog=BACKLOG,
        log_level="critical",
        timeout_graceful_shutdown=1,
        lifespan="on",
    )
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # a browser that is gone is no news
    server = _Server(config)
    server.news = news
    ready(f"http://{HERE}:{chosen}/{token}/")
    server.run(sockets=[listening])
