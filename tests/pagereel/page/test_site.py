"""The course as a site: all of it leads somewhere, is found, and asks for nothing foreign."""

import json
import os
import posixpath
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

from pagereel.page import built
from pagereel.page.articles import Texts, texts_of
from pagereel.page.course import Site, write_site
from pagereel.page.films import film_of
from pagereel.read import read_timeline
from pagereel.render.plan import Source
from pagereel.storage.incoming import digest

from places import ROOT

AXE = ROOT / "page/node_modules/axe-core/axe.min.js"
NAMES = ("02-prefill-and-decode", "05-blocks-and-the-block-table", "08-copy-on-write")
BESIDE_THE_SHAPES = "{ exclude: [{ fromShadowDom: ['pagereel-player', '.layer'] }] }"
STILL = (
    f"{NAMES[1]}/index.html",
    "index.html",
    "docs/faq.html",
    "docs/reference/command-line.html",
    "search.html",
)


class Leads(HTMLParser):
    """Where a document leads, what it loads, and what can be led to in it."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loaded, self.anchors, self.ways = [], [], set(), {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.anchors.add(told.get("id"))
        if tag == "a":
            self.links.append(told["href"])
            self.ways[told.get("rel")] = told["href"]
        elif (tag == "link" and told["rel"] != "icon") or "src" in told:
            self.loaded.append(told.get("src") or told["href"])


def sources():
    paths = [ROOT / f"storyboards/{name}.yaml" for name in NAMES]
    return [Source(path, read_timeline(path)) for path in paths]


def made(folder):
    with pytest.MonkeyPatch.context() as patch:
        for name in ("player", "site"):  # as they are built, or as if they were
            path = built.STATIC / f"{name}.js"
            patch.setattr(built, name, path.read_text if path.exists() else str)
        patch.setattr("pagereel.page.course.font_rules", lambda used: "")  # takes its time
        texts = texts_of(ROOT / "docs", NAMES)
        site = Site(sources(), texts=texts, films=folder / "none")
        return [*write_site(site, folder, jobs=1)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    made(folder)
    return folder


@pytest.fixture(scope="module")
def documents(site):
    paths = sorted(site.rglob("*.html"))
    return {str(path.relative_to(site)): Leads(path.read_text("utf-8")) for path in paths}


def test_every_story_and_every_text_of_the_course_has_its_page(documents):
    texts = {path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md")}
    concepts = {path for path in texts if path.stem in NAMES}
    assert len(documents) == len(texts - concepts) + 1 + len(NAMES) + 2


def test_every_link_leads_to_a_place_that_is_there(site, documents):
    nowhere = []
    for name, document in documents.items():
        for address in [*document.links, *document.loaded]:
            parts = urlsplit(address)
            if parts.scheme:
                continue
            joined = posixpath.join(posixpath.dirname(name), unquote(parts.path))
            target = posixpath.normpath(joined) if parts.path else name
            known = documents[target].anchors if target in documents else {""}
            if not (site / target).is_file() or unquote(parts.fragment) not in {*known, ""}:
                nowhere.append((name, address))
    assert nowhere == []


def test_nothing_is_loaded_from_elsewhere(documents):
    loaded = [address for document in documents.values() for address in document.loaded]
    assert loaded and not [address for address in loaded if ":" in address or "//" in address]


def test_stories_lead_to_each_other_to_their_words_and_to_the_search(documents):
    middle = documents[f"{NAMES[1]}/index.html"]
    assert [middle.ways[rel] for rel in ("prev", "up", "next")] == [
        f"../{NAMES[0]}/index.html", "../index.html", f"../{NAMES[2]}/index.html",
    ]  # fmt: skip
    assert {"#in-words", "../search.html"} <= set(middle.links)
    assert "in-words" in middle.anchors


def test_two_builds_of_a_site_are_the_same_bytes(site, tmp_path):
    made(tmp_path)
    ours = {path.relative_to(site): path for path in site.rglob("*") if path.is_file()}
    theirs = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*") if path.is_file()}
    assert ours.keys() == theirs.keys()
    assert [n for n in ours if ours[n].read_bytes() != theirs[n].read_bytes()] == []


def test_a_text_is_shown_without_its_html_and_what_leads_nowhere_is_plain_words(tmp_path):
    (tmp_path / "x.md").write_text(
        "# One & two\n\n<script>alert(1)</script>\n\n<b>bold</b> [gone](y.md#z), [here](#one--two) "
        "[bad](javascript:alert(2)) ![none](../../etc/passwd.png)\n\n# One & two\n", "utf-8"
    )  # fmt: skip
    article = Texts(tmp_path, {"x.md": "x.html"}).article("x.md", raised=1)
    assert "<script" not in article.html and "<b>" not in article.html
    assert "javascript:" not in article.html.replace("[bad](javascript:alert(2))", "")
    assert 'gone, <a href="#one--two">here</a>' in article.html
    assert 'src=""' in article.html and article.pictures == ()
    assert [section.anchor for section in article.sections] == ["one--two", "one--two-1"]
    assert '<h2 id="one--two-1">' in article.html


def test_a_film_is_shown_only_while_it_is_of_the_storyboard_as_it_is(tmp_path):
    source = sources()[0]
    folder = tmp_path / NAMES[0]
    folder.mkdir()
    names = (f"{NAMES[0]}.mp4", f"{NAMES[0]}.vtt", "poster.png")
    for name in names:
        (folder / name).write_text(name, "utf-8")
    told = {
        "storyboard": {"file": source.path.name, "sha256": digest(source.path), "set": []},
        "files": {name: {"sha256": digest(folder / name)} for name in names},
        "partial": False,
    }
    (folder / "manifest.json").write_text(json.dumps(told), "utf-8")
    film = film_of(source, tmp_path)
    assert f'src="{names[0]}"' in film.html and f'src="{names[1]}"' in film.html
    (folder / names[0]).write_text("another", "utf-8")
    assert film_of(source, tmp_path) is None
    assert film_of(source, tmp_path / "nowhere") is None


@pytest.fixture
def tab(driver, site):
    page = driver.new_page(viewport={"width": 390, "height": 844})
    page.complaints, page.asked = [], []
    page.on("console", lambda said: page.complaints.append(said.text))
    page.on("pageerror", lambda problem: page.complaints.append(str(problem)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.root = site.as_uri()
    yield page
    page.close()


def test_a_search_from_a_file_finds_a_beat_and_leads_to_it(tab, site):
    tab.goto(f"{tab.root}/search.html")
    tab.get_by_role("searchbox").fill("first write copies")
    found = tab.get_by_role("listitem").first
    assert found.locator("mark").count()
    assert tab.evaluate("location.hash") == "#q=first+write+copies"
    found.get_by_role("link").click()
    tab.wait_for_url(f"{tab.root}/{NAMES[2]}/index.html#beat=*")
    tab.go_back()
    assert tab.get_by_role("searchbox").input_value() == "first write copies"
    tab.get_by_role("searchbox").fill("nothing whatsoever zzz")
    assert tab.get_by_role("status").inner_text() == "Nothing has all these words."
    assert [url for url in tab.asked if not url.startswith(tab.root)] == []
    assert tab.complaints == []


def test_keys_are_the_player_s_while_it_is_in_view_and_the_reader_s_below_it(tab):
    tab.goto(f"{tab.root}/{NAMES[1]}/index.html#beat=2&step=1")
    tab.wait_for_selector(".picture .layer > *")
    tab.get_by_role("link", name="In words").click()
    tab.wait_for_function("() => scrollY > innerHeight / 2")
    tab.keyboard.press("End")
    place = "(({ beat, step }) => [beat, step])(document.querySelector('pagereel-player').here)"
    assert tab.evaluate(place) == [1, 0]
    tab.evaluate("scrollTo(0, 0)")
    tab.keyboard.press("Home")
    assert tab.evaluate(place) == [0, 0]
    assert tab.complaints == []


@pytest.mark.parametrize("name", STILL)
def test_axe_finds_nothing_on_a_still_page_in_three_colours_and_it_fits_a_phone(tab, name):
    if not AXE.exists():
        assert os.environ.get("CI") != "true"
        pytest.skip("axe-core is not installed: make page")
    tab.goto(f"{tab.root}/{name}#q=block")
    tab.evaluate(f"() => {{ {AXE.read_text()} }}")
    for theme in ("dark", "light", "print"):
        if tab.locator("pagereel-player").count():
            tab.evaluate(f"document.querySelector('pagereel-player').theme = '{theme}'")
        else:
            tab.get_by_label("Colours").select_option(theme)
        found = f"axe.run({BESIDE_THE_SHAPES}, {{ preload: false }})"
        assert tab.evaluate(f"{found}.then(({{ violations }}) => violations)") == [], theme
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    assert tab.complaints == []
