"""The files of a page: one document that asks for nothing but itself, the same every time."""

import json
import re
from html import escape
from html.parser import HTMLParser

import pytest

from pagereel.errors import InputWrong, MachineFailed
from pagereel.page import built
from pagereel.page.document import PageParts, page, policy
from pagereel.page.publish import characters, story_of, write_page
from pagereel.read import read_timeline
from pagereel.render.plan import Source
from pagereel.render.svg_pens import font_rules

from places import ROOT

FOX = ROOT / "storyboards/01-the-quick-brown-fox.yaml"
SCRIPT = "customElements.define('pagereel-player', class extends HTMLElement {});"
HOSTILE = """\
title: "</title><script>alert(1)</script>"
about: "\\"><img src=x onerror=alert(2)>"
parameters: {slots: 16, block_size: 4, max_len: 8}
lanes:
  paged: {kind: paged, title: "<b>Paged</b>"}
requests:
  A: {prompt: "</pre></script><!-- <script>", output: " <i>x</i>"}
beats:
  - {title: "<u>one</u>", do: [{admit: A}, step], say: "</script><svg onload=alert(3)>"}
"""


class Elements(HTMLParser):
    """Every element of a document, with its attributes, and the texts of those with an id."""

    def __init__(self, document):
        super().__init__()
        self.found, self.texts, self._inside = [], {}, None
        self.feed(document)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self._inside = dict(attrs).get("id")

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        if self._inside:
            self.texts[self._inside] = self.texts.get(self._inside, "") + data

    def named(self, tag):
        return [attributes for found, attributes in self.found if found == tag]


@pytest.fixture
def player(tmp_path, monkeypatch):
    monkeypatch.setattr(built, "PLAYER", tmp_path / "static/player.js")
    monkeypatch.setattr(built, "ENGINE", tmp_path / "static/engine.js")
    built.PLAYER.parent.mkdir()
    built.PLAYER.write_text(SCRIPT, "utf-8")
    monkeypatch.setattr("pagereel.page.publish.font_rules", lambda used: "")  # takes its time
    return built.PLAYER


def source(path=FOX, *overrides):
    return Source(path, read_timeline(path, overrides), overrides)


def page_of(source, engine="engine.js", fonts=""):
    text = source.path.read_text("utf-8")
    return page(story_of(source), text, PageParts(SCRIPT, fonts, engine))


def with_fonts(source):
    return page_of(source, fonts=font_rules(characters([story_of(source)])))


@pytest.fixture(scope="module")
def document():
    return with_fonts(source())


def test_two_builds_are_the_same_bytes(document):
    assert with_fonts(source()) == document


def test_a_policy_lets_the_player_run_and_nothing_be_fetched(document):
    (told,) = (a["content"] for a in Elements(document).named("meta") if "http-equiv" in a)
    rules = dict(rule.split(" ", 1) for rule in told.split("; "))
    assert rules["default-src"] == "'none'"
    assert "'unsafe-inline'" not in rules["script-src"] and "'unsafe-eval'" not in told
    assert re.search(r"'sha256-[\w+/]{43}='", rules["script-src"])
    assert "connect-src" not in rules  # falls back to none
    assert policy(PageParts(SCRIPT, "")) != policy(PageParts(SCRIPT + " ", ""))


def test_a_page_names_no_foreign_address(document):
    for tag, attributes in Elements(document).found:
        for name in ("src", "href", "data", "action", "srcset"):
            assert not re.match(r"(?i)\s*(\w+:)?//", attributes.get(name) or ""), (tag, attributes)
    assert not re.search(r"@import|url\((?!data:)", document)
    addresses = set(re.findall(r"https?://[^\s\"'<>\\]+", document))
    assert addresses == set()


def test_the_story_and_the_storyboard_are_in_it_whole(document):
    texts = Elements(document).texts
    assert json.loads(texts["story"])["name"] == FOX.stem
    assert texts["yaml"].strip() == FOX.read_text("utf-8").strip()


def test_a_reader_without_scripts_has_the_captions(document):
    said = json.loads(Elements(document).texts["story"])["beats"][1]["steps"][-1]["say"]
    assert escape(said) in document.partition("<noscript>")[2].partition("</noscript>")[0]


def test_what_a_storyboard_says_never_becomes_markup(tmp_path):
    path = tmp_path / "hostile.yaml"
    path.write_text(HOSTILE, "utf-8")
    made = Elements(page_of(source(path)))
    assert len(made.named("script")) == 2  # the story and the player
    assert {tag for tag, _ in made.found} & {"img", "i", "u", "svg"} == set()
    assert json.loads(made.texts["story"])["beats"][0]["title"] == "<u>one</u>"
    assert made.texts["yaml"].strip() == HOSTILE.strip()


def test_fonts_are_there_for_what_is_shown_and_what_may_be_typed(document):
    assert document.count("@font-face") >= 3
    for family in ("pagereel-text", "pagereel-bold", "pagereel-mono"):
        assert f"font-family:{family};" in document


def test_formulas_bring_their_outlines():
    story = story_of(source(ROOT / "storyboards/02-prefill-and-decode.yaml"))
    rows = [row for canvas in story["canvases"].values() for row in canvas["rows"] if "y" in row]
    formulas = [row for row in rows if isinstance(row["y"], str)]
    assert formulas and all(row["o2"].startswith("M") for row in formulas)


def test_a_story_that_is_only_looked_at_has_no_engine():
    path = ROOT / "storyboards/17-measured.yaml"
    made = Elements(page_of(source(path)))
    assert made.named("pagereel-player") == [{}]


def test_overrides_go_along_with_a_page():
    made = Elements(page_of(source(FOX, "block_size=8"), ""))
    assert json.loads(made.texts["story"])["set"] == ["block_size=8"]


def test_one_storyboard_is_one_folder(player, tmp_path):
    made = write_page(source(), None, tmp_path / "out")
    assert sorted(path.name for path in made) == ["NOTICES.txt", "index.html"]
    assert "SIL OPEN FONT LICENSE" in (tmp_path / "out/NOTICES.txt").read_text("utf-8")


def test_a_page_never_replaces_what_it_is_made_from(player, tmp_path):
    path = tmp_path / "index.html"
    path.write_text(FOX.read_text("utf-8"), "utf-8")
    with pytest.raises(InputWrong, match="this is made from it"):
        write_page(source(path), None, tmp_path)


def test_without_a_player_it_is_said_how_to_build_it(player):
    player.unlink()
    with pytest.raises(MachineFailed, match="`make page` builds it"):
        built.player()


def test_without_an_engine_there_is_none(player):
    assert built.engine() is None


def test_an_engine_of_other_sources_is_refused_with_a_remedy(player):
    built.ENGINE.write_text(f"// pagereel engine, sources {'0' * 64}\n", "utf-8")
    with pytest.raises(MachineFailed, match=r"other sources than these: `make page`.*--no-edit"):
        built.engine()


def test_an_engine_of_these_sources_is_taken(player):
    head = f"// pagereel engine, sources {built.sources_digest()}\n"
    built.ENGINE.write_text(head + "the rest", "utf-8")
    assert built.engine().data.endswith(b"the rest")


def test_an_engine_is_made_from_all_that_answering_imports_and_from_nothing_that_draws():
    names = built.sources().keys()
    assert {"pagereel.model.play", "pagereel.scenes.page.bake", "pagereel.read.reader"} <= names
    assert not [name for name in names if re.search(r"drawing|render|outputs|measure", name)]
