"""Opens pages in a real browser, as they are published."""

import json
import shutil
from pathlib import Path

import pytest

from pagereel.page import built, document
from pagereel.page.answer import answer
from pagereel.page.document import PageParts
from pagereel.read import read_timeline
from pagereel.scenes.page.bake import SCREENS, bake
from pagereel.scenes.page.packing import packed

from browsers import chromium, require
from places import ROOT

FOX = ROOT / "storyboards/01-the-quick-brown-fox.yaml"
PLAYGROUND = ROOT / "storyboards/playground.yaml"


@pytest.fixture(scope="module")
def with_engine():
    require(built.ENGINE.exists(), "the engine is not built: make page")


@pytest.fixture(scope="module")
def driver():
    require(built.PLAYER.exists(), "the player is not built: make page")
    with chromium() as browser:
        yield browser


class Read(dict[Path, object]):
    """Storyboards, played when first asked for."""

    def __missing__(self, file):
        self[file] = read_timeline(file, ())
        return self[file]


class Baked(dict[Path, object]):
    """What their pages show."""

    def __init__(self, played):
        self.played = played

    def __missing__(self, file):
        self[file] = bake(self.played[file])
        return self[file]


@pytest.fixture(scope="module")
def played():
    return Read()


@pytest.fixture(scope="module")
def stories(played):
    return Baked(played)


def write(folder, file, story, engine=""):
    """A page as it is published, but for its fonts."""
    parts = PageParts(built.player(), "", "engine.js" if engine else "")
    page = folder / "index.html"
    page.write_text(document.page(story, file.read_text(), parts))
    if engine:
        (folder / "engine.js").write_text(engine)
        shutil.copyfile(built.EDITOR, folder / "editor.js")
    return page.as_uri()


class Visit:
    """A page that is open, and all that it asked for and complained about."""

    def __init__(self, driver, address, width=1280, height=800, is_new=False, **options):
        self.context = driver.new_context(viewport={"width": width, "height": height}, **options)
        if not is_new:
            self.context.add_init_script("localStorage.setItem('pagereel-toured', '1')")
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.requests, self.complaints = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda problem: self.complaints.append(str(problem)))
        self.page.goto(address)
        self.page.wait_for_selector(".picture .layer > *")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def hash(self):
        return self.page.evaluate("location.hash")

    def settled(self, hash_):
        """Wait for a step, and for its motion to be over."""
        self.page.wait_for_function("hash => location.hash === hash", arg=hash_)
        self.page.wait_for_function(
            "() => { const { playhead } = document.querySelector('pagereel-player');"
            " return playhead.time >= playhead.schedule.settled[playhead.index]; }"
        )

    def player(self, script, arg=None):
        return self.page.evaluate(
            f"arg => {{ const player = document.querySelector('pagereel-player'); {script} }}", arg
        )


@pytest.fixture
def visit(driver, stories, tmp_path):
    """Opens a storyboard's page."""
    opened = []

    def open_(file=FOX, where="", engine="", **options):
        opened.append(
            Visit(driver, write(tmp_path, file, stories[file], engine) + where, **options)
        )
        return opened[-1]

    yield open_
    for one in opened:
        one.context.close()


ENGINE = """
const worker = `onmessage = ({ data }) => {
  if (data.ping) postMessage({ pong: 1 });
  else if (data.start) postMessage({ progress: "ready", ms: 1 });
  else postMessage({ id: data.id, answer:
    data.overrides.includes("slots=8") || data.text.includes("slots: 8")
    ? JSON.stringify({ problems: [{ line: 9, message: "slots: 8 are too few",
                                    column: 10, excerpt: "^", remedy: "did you mean \\`24\\`?" }] })
    : ${JSON.stringify(JSON.stringify(ANSWER))} });
};`;
window.pagereelEngine({ worker, files: {} });
"""


@pytest.fixture(scope="module")
def engine():
    """Answers as the engine does, with what the model makes of blocks of 8 slots."""
    broken = [{"beat": 8, "claim": "paged.C.phase == running", "text": "it waits"}]
    return answering(FOX, ("block_size=8",), broken)


@pytest.fixture(scope="module")
def acting():
    """Answers likewise, with what comes of sending C while A decodes."""
    acts = json.dumps([[5, 0, 1, {"admit": "C"}]])
    return answered(answer(FOX.read_text("utf-8"), (), "16:9", FOX.stem, acts=acts))


@pytest.fixture(scope="module")
def contiguous_on_a_phone():
    """Answers likewise, with pictures of 01 that have its first lane in front."""
    text = FOX.read_text("utf-8")
    return answered(answer(text, (), "phone", FOX.stem, lane="contiguous"))


@pytest.fixture(scope="module")
def done():
    """Answers likewise, with what comes of 01 in a memory of 72 slots."""
    return answering(FOX, ("slots=72",), [])


@pytest.fixture(scope="module")
def bursting():
    """Answers likewise, with the playground's burst."""
    variants = read_timeline(PLAYGROUND).storyboard.variants
    burst = next(variant for variant in variants if variant.title == "Burst")
    return answering(PLAYGROUND, burst.overrides, [])


def answering(file, overrides, broken):
    """An engine that has one answer."""
    story = packed(bake(read_timeline(file, overrides), {"16:9": SCREENS["16:9"]}))
    return answered(json.dumps({"story": story, "broken": broken}))


def answered(answer):
    """An engine that has one answer, which is JSON."""
    return ENGINE.replace("ANSWER", answer.replace("</", "<\\/"))
