"""The engine in a real browser, from a file: Python answers there as it does here."""

import json
import zlib

import pytest

from pagereel.page import built
from pagereel.page.answer import answer
from pagereel.page.formulas import outlines
from pagereel.page.publish import write_page
from pagereel.read import read_timeline
from pagereel.render.plan import Source

from places import ROOT, TESTS

ASKS = ROOT / "storyboards/14-where-did-my-gpu-memory-go.yaml"
"""Has question marks inside braces, which PyYAML's own scanner does not take as it comes."""
FOX = ROOT / "storyboards/01-the-quick-brown-fox.yaml"
TOLD = [FOX, *sorted((ROOT / "storyboards").glob("05*.yaml")), ASKS]
START = """async () => {
  const parts = await new Promise((ready, failed) => {
    window.pagereelEngine = ready;
    const script = document.createElement("script");
    script.src = document.querySelector("pagereel-player").getAttribute("engine");
    script.onerror = failed;
    document.head.append(script);
  });
  const bytes = new TextEncoder().encode(parts.worker);
  let raw = "";
  for (let at = 0; at < bytes.length; at += 32768)
    raw += String.fromCharCode(...bytes.subarray(at, at + 32768));
  const worker = new Worker(`data:text/javascript;base64,${btoa(raw)}`, { type: "module" });
  const hear = (message, isIt) => new Promise((ready, failed) => {
    worker.onmessage = ({ data }) => {
      if (data.failed) failed(new Error(data.failed));
      else if (isIt(data)) ready(data);
    };
    worker.onerror = (problem) => failed(new Error(problem.message));
    worker.postMessage(message);
  });
  await hear({ ping: 1 }, (data) => data.pong);
  await hear({ start: parts.files }, (data) => data.progress === "ready");
  window.ask = async (question) => {
    const id = Math.random();
    return (await hear({ id, ...question }, (data) => data.id === id)).answer;
  };
  return parts.digest;
}"""


@pytest.fixture(scope="module")
def page(driver, with_engine, tmp_path_factory):
    """A page with its engine started, and all that it has asked the network for."""
    folder = tmp_path_factory.mktemp("page")
    write_page(Source(FOX, read_timeline(FOX)), built.engine(), folder)
    opened = driver.new_page()
    opened.asked = []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.goto((folder / "index.html").as_uri())
    opened.digest = opened.evaluate(START)
    return opened


def ask(page, text, *overrides, name=FOX.stem):
    question = {"text": text, "overrides": overrides, "canvas": "16:9", "name": name}
    return json.loads(page.evaluate("(question) => window.ask(question)", question))


def told(text, *overrides, name=FOX.stem):
    known = outlines()
    return json.loads(answer(text, overrides, "16:9", name, known))


@pytest.mark.parametrize("path", TOLD, ids=lambda path: path.stem[:2])
def test_the_browser_answers_what_was_baked(page, path):
    text = path.read_text("utf-8")
    assert ask(page, text, name=path.stem) == told(text, name=path.stem)


def test_the_browser_answers_an_edit_and_a_mistake_as_we_do(page):
    text = FOX.read_text("utf-8")
    edit = ("block_size=8", 'requests.A.prompt="Hello world"')
    assert ask(page, text, *edit) == told(text, *edit)
    assert ask(page, text, "slots=many") == told(text, "slots=many")
    broken = text.replace("beats:", "beets:")
    assert ask(page, broken) == told(broken)
    for name in ("tab-in-the-line", "unclosed-bracket", "missing-keys", "tab-indentation"):
        wrong = (TESTS / f"broken/{name}.yaml").read_text("utf-8")
        assert ask(page, wrong) == told(wrong), name


def test_the_browser_answers_what_a_visitor_does_as_we_do(page):
    text = FOX.read_text("utf-8")
    acts = json.dumps([[5, 0, 1, {"admit": "C"}, "step", {"preempt": "A"}]])
    question = {"text": text, "overrides": ["slots=64"], "canvas": "phone", "name": FOX.stem}
    done = {"acts": acts, "goesOn": True, "lane": "paged"}
    there = page.evaluate("(question) => window.ask(question)", question | done)
    here = answer(
        text, ("slots=64",), "phone", FOX.stem, outlines(), acts=acts, goes_on=True, lane="paged"
    )
    assert json.loads(there) == json.loads(here)


def test_a_chart_is_no_file_of_the_browser_and_it_says_so(page):
    chart = "  - {title: x, card: chart, say: x, chart: {show: split, of: four}}\n"
    (problem,) = ask(page, FOX.read_text("utf-8") + chart)["problems"]
    assert "a page has none" in problem["message"]


def test_the_engine_says_which_sources_it_has(page):
    assert page.digest == built.sources_digest()


def test_the_engine_has_at_most_its_size(with_engine):
    data = built.ENGINE.read_bytes()
    assert len(data) <= 11.5e6
    assert len(zlib.compress(data, 1)) <= 9e6


def test_only_the_two_files_were_asked_for(page):
    names = [url.rsplit("/", 1)[-1] for url in page.asked if not url.startswith(("data:", "blob:"))]
    assert names == ["index.html", "engine.js"]


def test_a_reader_changes_the_block_size_on_the_page_itself(driver, with_engine, tmp_path):
    write_page(Source(FOX, read_timeline(FOX)), built.engine(), tmp_path)
    opened = driver.new_page(viewport={"width": 1280, "height": 800})
    opened.goto(f"{(tmp_path / 'index.html').as_uri()}#beat=5&set=block_size%3D8")
    opened.get_by_text("blocks of 8 slots").first.wait_for(timeout=60_000)
