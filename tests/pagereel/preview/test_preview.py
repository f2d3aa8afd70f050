"""The preview shows what was saved, says what is wrong, and talks to nobody else."""

import asyncio
import contextlib
import os
import signal
import socket
import stat
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `studio` is not installed")
pytest.importorskip("uvicorn", reason="the extra `studio` is not installed")
pytest.importorskip("watchfiles", reason="the extra `studio` is not installed")

from pagereel.cli.commands.pages import preview as command_of_preview
from pagereel.page import built
from pagereel.preview import guard
from pagereel.preview.server import aside, font_sheet
from pagereel.preview.studio import Studio
from pagereel.render.settings import Settings  # after the skips

from browsers import chromium, require

SOON_SECONDS = 3.0
"""Longer than the 0.3 s that are promised on a quiet machine: tests share theirs."""


@pytest.fixture
def file(tmp_path, story):
    path = tmp_path / "two-requests.yaml"
    path.write_text(story, encoding="utf-8")
    return path


@pytest.fixture
def studio(file):
    made = Studio(file, (), Settings())
    made.load()
    return made


def test_a_storyboard_is_told_as_its_page_has_it_in_the_shape_that_was_asked_for(file):
    studio = Studio(file, (), Settings(aspect="9:16"))
    assert studio.load() is True
    told = studio.played.story
    assert told["title"] == "Two requests <b>&</b> one pool"
    assert [beat["title"] for beat in told["beats"]] == [
        "A card", "A arrives and runs", "Nothing moves",
    ]  # fmt: skip
    assert [*told["canvases"]] == ["9:16"]
    assert studio.problems == ""


def test_a_save_that_changes_nothing_is_no_news(studio, file):
    file.write_text(file.read_text("utf-8") + "\n# a remark\n", encoding="utf-8")
    assert studio.load() is False


def test_a_mistake_is_told_with_its_caret_and_what_was_good_stays(studio, file, story):
    file.write_text(story.replace("step]", "stepp]"), encoding="utf-8")
    assert studio.load() is True
    assert "^^^^^" in studio.problems
    assert str(file.parent) not in studio.problems
    assert len(studio.played.story["beats"]) == 3
    assert studio.load() is False

    file.write_text(story, encoding="utf-8")
    assert studio.load() is True
    assert studio.problems == ""


def test_a_file_that_is_gone_is_a_problem_not_a_crash(studio, file):
    file.unlink()
    assert studio.load() is True
    assert studio.problems


def test_the_main_font_of_a_face_is_asked_first():
    rules = [rule for rule in font_sheet().splitlines() if "pagereel-text" in rule]
    assert "FiraGO" in rules[-1]


@pytest.fixture
def player():
    require(built.PLAYER.exists() and built.PREVIEW.exists(), "the player is not built: make page")


@pytest.fixture
def address(file, command, environment, player):
    words = [*command, "preview", str(file), "--port", "0"]
    running = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
    yield running.stdout.readline().strip()
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=20) == 0


def ask(address, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
            return answer.status, lowered(answer.headers), answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, lowered(refused.headers), refused.read()


def lowered(headers):
    return {name.lower(): value for name, value in headers.items()}


def test_only_this_machines_own_page_is_let_in(address):
    status, headers, page = ask(address)
    assert (status, page[:15]) == (200, b"<!doctype html>")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    site = "http://" + urllib.parse.urlsplit(address).netloc
    assert ask(address, Origin=site)[0] == 200
    for headers in (
        {"Host": "evil.example"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": site + ".evil.example"},
    ):
        status, _, said = ask(address, **headers)
        assert (status, b"alone" in said) == (403, True), headers
    for path in ("fonts/../server.py", "fonts/etc", "..%2fserver.py", 5000 * "9", "x"):
        assert ask(address + path)[0] == 404, path


def test_who_does_not_know_the_address_sees_nothing(address):
    parts = urllib.parse.urlsplit(address)
    site, token = f"http://{parts.netloc}/", parts.path.strip("/")
    assert len(token) >= 20
    for path in (
        "",
        "events",
        "preview.js",
        token[:-1] + "/",
        token,
        token + "x/events",
        "%ff/",
        "//",
    ):
        status, headers, said = ask(site + path)
        assert (status, headers["connection"], b"alone" in said) == (403, "close", True), path
    assert ask(f"{site}{token}/preview.js")[0] == 200


def test_the_browser_is_sent_there_through_a_file_that_only_its_owner_can_read(
    tmp_path, monkeypatch, capsys
):
    opened = []
    monkeypatch.setattr(command_of_preview.webbrowser, "open", opened.append)
    with command_of_preview.tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        command_of_preview._open("http://127.0.0.1:1/secret/", Path(folder, "preview.html"))
        assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o700
        assert "secret" not in opened[0]
        path = urllib.request.url2pathname(urllib.parse.urlsplit(opened[0]).path)
        assert "url=http://127.0.0.1:1/secret/" in Path(path).read_text("utf-8")


class Wire:
    """What a connection writes to; notes whether it was ended."""

    def __init__(self, line):
        self.line, self.ended = line, False

    def get_extra_info(self, name):
        return None

    def is_closing(self):
        return self.ended

    def abort(self):
        self.ended = True
        self.line.connection_lost(None)

    pause_reading = resume_reading = close = write = lambda self, *given: None


@pytest.fixture
def connect(monkeypatch):
    """Opens connections to a server that is out of patience after 0.05 s and takes three."""
    monkeypatch.setattr(guard, "PATIENCE_S", 0.05)
    monkeypatch.setattr(guard, "LOOK_S", 0.01)
    monkeypatch.setattr(guard, "MOST", 3)
    from uvicorn import Config
    from uvicorn.server import ServerState

    async def never(scope, receive, send):
        await asyncio.sleep(60)

    config, state = Config(never, log_level="critical"), ServerState()

    def opened():
        line = guard.Connection(config, state, {}, asyncio.get_running_loop())
        line.connection_made(Wire(line))
        return line

    return opened


def test_a_connection_that_asks_nothing_or_takes_nothing_is_ended(connect):
    async def act():
        silent, slow, asking, stuck = (connect() for _ in range(4))
        slow.data_received(b"GET / HTTP/1.1\r\n")
        asking.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        stuck.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        stuck.pause_writing()
        for _ in range(10):
            await asyncio.sleep(0.02)
            if not slow.transport.ended:
                slow.data_received(b"a: b\r\n")
        return [line.transport.ended for line in (silent, slow, asking, stuck)]

    assert asyncio.run(act()) == [True, True, False, True]


def test_one_connection_too_many_takes_the_place_of_the_one_that_has_waited_longest(connect):
    async def act():
        asking, first, second = (connect() for _ in range(3))
        asking.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        third = connect()
        return [line.transport.ended for line in (asking, first, second, third)]

    assert asyncio.run(act()) == [False, True, False, False]


def test_what_is_done_aside_gives_its_result_or_its_problem_and_holds_nobody_up():
    async def act():
        assert await aside(divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await aside(divmod, 7, 0)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(aside(time.sleep, 30), 0.05)

    begun = time.monotonic()
    asyncio.run(act())
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_at_once_whoever_listens_and_whatever_cannot_be_read(
    number, command, environment, file, player
):
    words, pipe = [*command, "preview", str(file), "--port", "0"], subprocess.PIPE
    running = subprocess.Popen(words, env=environment, stdout=pipe, stderr=pipe, text=True)
    parts = urllib.parse.urlsplit(running.stdout.readline().strip())
    listeners = [socket.create_connection((parts.hostname, parts.port)) for _ in range(3)]
    for listener in listeners[:2]:  # the third says nothing
        listener.sendall(
            f"GET {parts.path}events HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
        )
        assert listener.recv(20).startswith(b"HTTP/1.1 200")
    file.unlink()
    os.mkfifo(file)
    time.sleep(0.2)
    begun = time.monotonic()
    running.send_signal(number)
    said = running.communicate(timeout=20)[1]
    assert time.monotonic() - begun < SOON_SECONDS
    expected = (0, 0) if number == signal.SIGINT else (128 + number, 1)
    assert (running.returncode, said.count("\n")) == expected, said
    for listener in listeners:
        listener.close()


@pytest.fixture(scope="module")
def driver():
    with chromium() as browser:
        yield browser


@pytest.fixture
def tab(driver, address):
    page, complaints = driver.new_page(viewport={"width": 390, "height": 844}), []
    page.complaints = complaints
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.goto(address)
    yield page
    page.close()


def test_the_player_goes_on_where_it_was_through_edits_errors_and_recovery(tab, file, story):
    tab.wait_for_selector(".picture .layer > *")
    tab.keyboard.press("ArrowRight")
    tab.wait_for_function("() => location.hash === '#beat=2&step=1'")
    shown = "text => document.querySelector('pagereel-player').now.beats[1].title === text"
    start = time.monotonic()
    file.write_text(story.replace("A arrives and runs", "A is <b>edited</b>"), encoding="utf-8")
    tab.wait_for_function(shown, arg="A is <b>edited</b>")
    assert time.monotonic() - start < SOON_SECONDS
    assert tab.evaluate("location.hash") == "#beat=2&step=1"

    file.write_text(story.replace("step]", "stepp]"), encoding="utf-8")
    tab.wait_for_selector("#problems:not([hidden])")
    assert "did you mean `step`?" in tab.text_content("#problems")
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    file.write_text(story, encoding="utf-8")
    tab.wait_for_selector("#problems", state="hidden")
    tab.wait_for_function(shown, arg="A arrives and runs")
    assert tab.complaints == []


def test_a_file_that_is_wrong_at_first_says_so_and_is_shown_once_it_is_right(
    driver, file, story, command, environment, player
):
    file.write_text(story.replace("step]", "stepp]"), encoding="utf-8")
    words = [*command, "preview", str(file), "--port", "0", "--theme", "light"]
    running = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
    page = driver.new_page()
    page.goto(running.stdout.readline().strip())
    page.wait_for_selector("#problems:not([hidden])")
    file.write_text(story, encoding="utf-8")
    page.wait_for_selector(".picture .layer > *")
    assert page.evaluate("document.querySelector('pagereel-player').theme") == "light"
    page.close()
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=20) == 0
