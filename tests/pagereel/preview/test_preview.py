"""The preview shows what was saved, says what is wrong, and talks to nobody else."""

import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from places import ROOT

pytest.importorskip("starlette", reason="the extra `studio` is not installed")
pytest.importorskip("uvicorn", reason="the extra `studio` is not installed")
pytest.importorskip("watchfiles", reason="the extra `studio` is not installed")

from pagereel.preview.server import font_sheet
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
    assert (third, fifth) == (3, 4)  # question and both halves; of four steps the sampled halves
    assert studio.drawing(studio.version, 2, 2) and studio.drawing(studio.version, 4, 3)
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
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, dict(refused.headers), refused.read()


def test_only_this_machines_own_page_is_let_in(address):
    status, headers, page = ask(address)
    assert (status, page[:15]) == (200, b"<!doctype html>")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert ask(address, Origin=address.rstrip("/"))[0] == 200
    for headers in (
        {"Host": "evil.example"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": address.rstrip("/") + ".evil.example"},
    ):
        status, _, said = ask(address, **headers)
        assert (status, b"alone" in said) == (403, True), headers
    for path in ("drawings/99/0/0", "fonts/../server.py", "fonts/etc", "..%2fserver.py", "x"):
        assert ask(address + path)[0] == 404


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
