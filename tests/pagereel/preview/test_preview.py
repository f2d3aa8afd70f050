"""The preview shows what was saved, says what is wrong, and talks to nobody else."""

import asyncio
import contextlib
import os
import shutil
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

from places import ROOT

pytest.importorskip("starlette", reason="the extra `studio` is not installed")
pytest.importorskip("uvicorn", reason="the extra `studio` is not installed")
pytest.importorskip("watchfiles", reason="the extra `studio` is not installed")

from pagereel.cli.commands import preview as command_of_preview
from pagereel.preview import guard
from pagereel.preview.server import aside, font_sheet
from pagereel.preview.studio import Studio
from pagereel.render.settings import Settings  # after the skips

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
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


def test_a_storyboard_is_told_with_its_beats_and_lanes(studio):
    assert studio.shown["title"] == "Two requests <b>&</b> one pool"
    assert [beat["title"] for beat in studio.shown["beats"]] == [
        "A card", "A arrives and runs", "Nothing moves",
    ]  # fmt: skip
    assert [lane["title"] for lane in studio.shown["lanes"]] == ["Contiguous", "Paged"]
    assert studio.shown["problems"] == ""


def test_every_step_can_be_drawn_and_others_are_not_there(studio):
    for number, beat in enumerate(studio.shown["beats"]):
        for step in range(beat["steps"]):
            assert studio.drawing(studio.version, number, step).startswith("<svg")
    for place in ((studio.version + 1, 0, 0), (studio.version, 9, 0), (studio.version, 0, 9),
                  (studio.version, 0, -1)):  # fmt: skip
        with pytest.raises(LookupError):
            studio.drawing(*place)


def test_a_question_and_a_time_lapse_count_as_the_pictures_that_they_are():
    course = ROOT / "storyboards"
    studio = Studio(course / "06-side-by-side-under-load.yaml", (), Settings())
    studio.load()
    third, fifth = (studio.shown["beats"][n]["steps"] for n in (2, 4))
    # Question, both halves, a look; of three steps the sampled halves, a look.
    assert (third, fifth) == (4, 4)
    assert studio.drawing(studio.version, 2, 3) and studio.drawing(studio.version, 4, 3)
    with pytest.raises(LookupError):
        studio.drawing(studio.version, 4, 4)


def test_a_save_that_changes_nothing_is_no_news(studio, file):
    file.write_text(file.read_text("utf-8") + "\n# a remark\n", encoding="utf-8")
    assert studio.load() is False


def test_a_mistake_is_told_with_its_caret_and_what_was_good_stays(studio, file, story):
    file.write_text(story.replace("step]", "stepp]"), encoding="utf-8")
    assert studio.load() is True
    assert "^^^^^" in studio.shown["problems"]
    assert str(file.parent) not in studio.shown["problems"]
    assert len(studio.shown["beats"]) == 3
    assert studio.load() is False

    file.write_text(story, encoding="utf-8")
    assert studio.load() is True
    assert studio.shown["problems"] == ""


def test_a_file_that_is_gone_is_a_problem_not_a_crash(studio, file):
    file.unlink()
    assert studio.load() is True
    assert studio.shown["problems"]


def test_drawing_needs_no_manim(file, command, environment):
    code = (
        "import sys; from pathlib import Path; from pagereel.preview.studio import Studio\n"
        "from pagereel.render.settings import Settings\n"
        f"s = Studio(Path({str(file)!r}), (), Settings()); s.load(); s.drawing(1, 0, 0)\n"
        "print([m for m in ('manim', 'av') if m in sys.modules])"
    )
    done = subprocess.run(
        [command[0], "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_the_main_font_of_a_face_is_asked_first():
    rules = [rule for rule in font_sheet().splitlines() if "pagereel-text" in rule]
    assert "FiraGO" in rules[-1]


@pytest.fixture
def address(file, command, environment):
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
    long = "drawings/" + 5000 * "9" + "/0/0"
    for path in ("drawings/99/0/0", long, "drawings/-1/0/0", "fonts/../server.py", "fonts/etc",
                 "..%2fserver.py", "x"):  # fmt: skip
        assert ask(address + path)[0] == 404, path


def test_who_does_not_know_the_address_sees_nothing(address):
    parts = urllib.parse.urlsplit(address)
    site, token = f"http://{parts.netloc}/", parts.path.strip("/")
    assert len(token) >= 20
    for path in ("", "events", "app.js", token[:-1] + "/", token, token + "x/events", "%ff/", "//"):
        status, headers, said = ask(site + path)
        assert (status, headers["connection"], b"alone" in said) == (403, "close", True), path
    assert ask(f"{site}{token}/app.js")[0] == 200


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
    number, command, environment, file
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


@pytest.fixture
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.mark.pixels
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_a_browser_goes_forward_back_zooms_and_sees_edits_errors_and_recovery(
    browser, address, file, story, width, height
):
    page, complaints = browser.new_page(viewport={"width": width, "height": height}), []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.goto(address)
    page.wait_for_selector("#picture svg")

    def place():
        return page.text_content("#place").split(",")[0]

    assert place() == "beat 1 of 3"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert place() == "beat 3 of 3"
    page.keyboard.press("ArrowRight")
    assert place() == "beat 3 of 3"
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "() => document.querySelector('#picture svg').dataset.name.includes('/1/')"
    )
    assert place() == "beat 2 of 3"
    whole = page.get_attribute("#picture svg", "viewBox")
    page.click("#zoom")
    page.wait_for_function(
        "before => document.querySelector('#picture svg').getAttribute('viewBox') !== before",
        arg=whole,
    )
    page.keyboard.press("0")

    start = time.monotonic()
    file.write_text(story.replace("A arrives and runs", "A is <b>edited</b>"), encoding="utf-8")
    page.wait_for_function(
        "() => document.querySelector('#picture').textContent.includes('<b>edited')"
    )
    assert time.monotonic() - start < SOON_SECONDS
    assert page.query_selector("#picture b") is None

    file.write_text(story.replace("step]", "stepp]"), encoding="utf-8")
    page.wait_for_selector("#problems:not([hidden])")
    assert "did you mean `step`?" in page.text_content("#problems")
    file.write_text(story, encoding="utf-8")
    page.wait_for_selector("#problems", state="hidden")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    page.close()
