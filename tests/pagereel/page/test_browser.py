"""The player in a real browser: it steps, moves as the model says, explains, asks, plays edits."""

import json
import os
import shutil
from itertools import chain, pairwise

import pytest

from pagereel.page import built, document
from pagereel.page.document import PageParts
from pagereel.read import read_timeline
from pagereel.scenes.page.bake import SCREENS, bake
from pagereel.scenes.pictures.compose import compose_beats
from pagereel.scenes.shapes.motion import derive
from pagereel.scenes.shapes.picture import Formula, Path, Pattern, Rect, Text
from pagereel.scenes.style import THEMES, paint

from places import ROOT

AXE = ROOT / "page/node_modules/axe-core/axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FOX = ROOT / "storyboards/01-the-quick-brown-fox.yaml"
ASKS = ROOT / "storyboards/13-block-size.yaml"
SLACK = 0.02
"""How far a browser may draw from where the model of motion has a shape, in canvas pixels."""


def missing():
    """What these tests lack on this machine, in a word; under CI nothing may be missing."""
    if CHROMIUM is None:
        return "chromium is not installed"
    if not built.PLAYER.exists():
        return "the player is not built: make page"
    return ""


@pytest.fixture(scope="module")
def driver():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if missing():
        assert os.environ.get("CI") != "true", missing()
        pytest.skip(missing())
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as run:
        browser = run.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def played():
    return {file: read_timeline(file, ()) for file in (FOX, ASKS)}


@pytest.fixture(scope="module")
def stories(played):
    return {file: bake(timeline) for file, timeline in played.items()}


def write(folder, file, story, engine=""):
    """A page as it is published, but for its fonts."""
    parts = PageParts(built.player(), "", "engine.js" if engine else "")
    page = folder / "index.html"
    page.write_text(document.page(story, file.read_text(), parts))
    if engine:
        (folder / "engine.js").write_text(engine)
    return page.as_uri()


class Visit:
    """A page that is open, and all that it asked for and complained about."""

    def __init__(self, driver, address, width=1280, height=800, is_new=False, **options):
        self.context = driver.new_context(viewport={"width": width, "height": height}, **options)
        if not is_new:
            self.context.add_init_script("localStorage.setItem('pagereel-toured', '1')")
        self.page = self.context.new_page()
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


def test_keys_step_forward_and_back_to_a_beat_and_to_either_end(visit, stories):
    fox = visit()
    beats = stories[FOX]["beats"]
    fox.page.keyboard.press("ArrowRight")
    fox.settled("#beat=2&step=1")
    assert fox.page.locator("h2").first.inner_text().split("\n")[-1].endswith(beats[1]["title"])
    assert fox.page.locator(".caption").inner_text().strip() == beats[1]["steps"][0]["say"]
    fox.page.keyboard.press("Shift+ArrowRight")
    fox.settled("#beat=3&step=1")
    fox.page.keyboard.press("ArrowLeft")
    fox.settled("#beat=2&step=1")
    fox.page.keyboard.press("End")
    fox.settled(f"#beat={len(beats)}&step={len(beats[-1]['steps'])}")
    fox.page.keyboard.press("Home")
    fox.settled("#beat=1&step=1")
    assert fox.complaints == []


def test_a_link_opens_its_step_and_its_theme(visit):
    fox = visit(where="#beat=8&step=2&theme=light")
    assert fox.player("return [player.here.beat, player.here.step, player.theme]") == [
        7,
        1,
        "light",
    ]
    fox.page.evaluate("location.hash = '#beat=4'")
    fox.page.wait_for_function("() => document.querySelector('pagereel-player').here.beat === 3")


def test_it_plays_at_the_chosen_speed_and_pauses(visit):
    fox = visit()
    fox.page.get_by_label("Speed").select_option("4")
    fox.page.get_by_label("Play", exact=True).click()
    fox.page.wait_for_function("() => document.querySelector('pagereel-player').playhead.time > 2")
    fox.page.get_by_label("Pause").click()
    time = fox.player("return player.playhead.time")
    fox.page.wait_for_timeout(100)
    assert fox.player("return player.playhead.time") == time


def test_it_asks_for_nothing_but_its_own_file(visit):
    fox = visit()
    for _ in range(4):
        fox.page.keyboard.press("ArrowRight")
    assert [url.rsplit("/", 1)[-1].split("#")[0] for url in fox.requests] == ["index.html"]
    assert fox.complaints == []


READ = """
const numbers = text => (text.match(/-?[\\d.]+(?:e-?\\d+)?/g) ?? []).map(Number);
const colour = (node, name) => {
  const value = node.getAttribute(name);
  if (!value || value === 'none') return [0, 0, 0, 0];
  return [...numbers(value).map(c => c / 255), Number(node.getAttribute(name + '-opacity') ?? 1)];
};
player.stage.between(arg.picture, arg.time);
return [...player.stage.svg.querySelectorAll('.layer > *')]
  .filter(root => Number(root.getAttribute('opacity')) > 0)
  .map(root => {
    const base = root.tagName === 'g' ? root.firstChild : root;
    const at = name => Number(base.getAttribute(name));
    const found = { key: root.dataset.key, opacity: Number(root.getAttribute('opacity')) };
    if (base.dataset.kind === 'formula') return { ...found, place: [], ink: colour(base, 'fill') };
    if (base.tagName === 'rect') return { ...found,
      place: [at('x'), at('y'), at('width'), at('height')],
      ink: [...colour(base, 'fill'), ...colour(base, 'stroke')],
      pattern: root !== base && root.lastChild.getAttribute('fill') !== 'none' };
    if (base.tagName === 'text') return { ...found, words: base.textContent,
      place: [at('x'), at('y'), at('font-size')], ink: colour(base, 'fill') };
    return { ...found, place: numbers(base.getAttribute('d')).slice(0, 2),
      ink: colour(base, 'stroke') };
  });
"""


def expected(shape):
    """What a shape of the model of motion must look like in the browser."""
    told = {"key": shape.key, "opacity": shape.opacity}
    match shape:
        case Rect():
            fill = shape.fill if shape.fill.a else (0, 0, 0, 0)
            stroke = shape.stroke if shape.stroke.a and shape.line else (0, 0, 0, 0)
            place = (*shape.box[:2], max(shape.box.w, 0), max(shape.box.h, 0))
            is_filled = shape.pattern in (Pattern.HATCH, Pattern.DOTS) and shape.pattern_ink.a > 0
            return told | {"place": place, "ink": (*fill, *stroke), "pattern": is_filled}
        case Text():
            place = (shape.x, shape.y, shape.size)
            return told | {"words": shape.text, "place": place, "ink": tuple(shape.ink)}
        case Path():
            return told | {"place": shape.points[0], "ink": tuple(shape.ink)}
        case Formula():
            return told | {"place": (), "ink": tuple(shape.ink)}


def differences(drawn, wanted):
    """Where a browser's shapes differ from the model's, in words."""
    if [shape["key"] for shape in drawn] != [shape["key"] for shape in wanted]:
        keys, known = [s["key"] for s in drawn], [s["key"] for s in wanted]
        yield f"drawn and not meant: {set(keys) - set(known)}; missing: {set(known) - set(keys)}"
        if sorted(keys) == sorted(known):
            yield "in another order"
        return
    for shape, meant in zip(drawn, wanted, strict=True):
        for name, value in meant.items():
            found = shape[name]
            pairs = zip(found, value, strict=True) if name in ("place", "ink") else [(found, value)]
            for one, other in pairs:
                same = abs(one - other) <= SLACK if isinstance(other, float | int) else one == other
                if not same:
                    yield f"{meant['key']}: {name} is {found}, not {value}"
                    break


@pytest.mark.parametrize(("screen", "times"), [("16:9", (0.13, 0.81)), ("phone", (0.45,))])
def test_every_motion_in_the_document_is_the_models(visit, played, screen, times):
    """Of one storyboard, in both canvases; what is drawn beside the picture does not count."""
    fox = visit()
    fox.player("player.screen.show(arg)", screen)
    beats = compose_beats(played[FOX], SCREENS[screen])
    pictures = [paint(p, THEMES["dark"]) for p in chain.from_iterable(beats)]
    found = []
    for i, (before, after) in enumerate(pairwise(pictures)):
        motion = derive(before, after)
        for time in times:
            drawn = fox.player(READ, {"picture": i, "time": time})
            wanted = [
                expected(shape)
                for shape in motion.at(time)
                if round(shape.opacity, 3) > 0 and not shape.key.startswith(("header/", "caption/"))
            ]
            found += [f"{i} at {time}: {text}" for text in differences(drawn, wanted)]
    assert found == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (768, 1024), (1280, 800)])
def test_it_fits_and_is_large_enough_for_a_thumb(visit, width, height):
    fox = visit(where="#beat=8&step=3", engine="// none", width=width, height=height)
    fox.page.get_by_label("Try your own").click()
    fox.page.wait_for_selector(".panel")
    wide, small, tiny = fox.player(
        """
        const root = player.shadowRoot;
        const wide = [...root.querySelectorAll('*')]
          .filter(e => !e.closest('svg, .peek, .lanes, .needle') && e.getBoundingClientRect().width)
          .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
          .map(e => e.className || e.tagName);
        const targets = 'button:not(.term), select, textarea, .scrub input';
        const small = [...root.querySelectorAll(targets)]
          .filter(e => { const { width, height } = e.getBoundingClientRect();
                         return width < 43.9 || height < 43.9; })
          .map(e => e.ariaLabel || e.textContent.trim());
        const tiny = [...root.querySelectorAll('*')]
          .filter(e => !e.closest('svg') && parseFloat(getComputedStyle(e).fontSize) < 11.5)
          .map(e => e.className || e.tagName);
        return [wide, small, tiny];
        """
    )
    assert (wide, small, tiny) == ([], [], [])
    assert fox.page.evaluate("document.documentElement.scrollWidth") == width


def test_a_finger_swipes_and_taps(visit):
    fox = visit(where="#beat=8&step=3", width=390, height=844, has_touch=True)
    box = fox.page.locator(".picture").bounding_box()
    fox.player(
        """
        const svg = player.shadowRoot.querySelector('.picture');
        const point = (type, x) => svg.dispatchEvent(new PointerEvent(type, {
          pointerType: 'touch', clientX: x, clientY: arg, bubbles: true }));
        point('pointerdown', 300);
        point('pointerup', 100);
        """,
        box["y"] + 100,
    )
    fox.settled("#beat=9&step=1")
    spot = fox.player(
        "const mark = player.stage.noted().find(({ row }) => row.g?.includes('request B'));"
        "const box = mark.root.getBoundingClientRect();"
        "return [box.left + box.width / 2, box.top + box.height / 2]"
    )
    fox.page.touchscreen.tap(*spot)
    fox.page.get_by_role("dialog").get_by_text("All about B").tap()
    assert fox.page.locator(".panel h2").inner_text() == "Request B"


def test_the_parts_of_the_picture_are_reached_and_explained_by_keyboard(visit):
    fox = visit(where="#beat=8&step=3")
    fox.page.keyboard.press("e")
    focused = "const part = player.shadowRoot.activeElement; return [part.role, part.ariaLabel]"
    first = fox.player(focused)
    assert first[0] == "img"
    fox.page.keyboard.press("ArrowDown")
    fox.page.keyboard.press("ArrowRight")
    second = fox.player(focused)
    assert second[1] not in ("", first[1])
    assert fox.page.get_by_role("tooltip").inner_text() == second[1]
    fox.page.keyboard.press("Enter")
    assert fox.page.get_by_role("dialog").count() == 1
    fox.page.keyboard.press("Escape")
    fox.page.keyboard.press("Escape")
    assert fox.player("return player.shadowRoot.activeElement.classList[0]") == "picture"
    assert fox.hash() in ("", "#beat=8&step=3")


def test_a_pointer_explains_and_focus_dims_the_rest(visit):
    fox = visit(where="#beat=8&step=3")
    spot = fox.player(
        """
        for (const mark of player.stage.noted().filter(({ row }) => row.g?.includes('request C'))) {
          const { left, top } = mark.root.getBoundingClientRect();
          const node = player.shadowRoot.elementFromPoint(left + 5, top + 5);
          if (player.stage.find(node) === mark) return [left + 5, top + 5, mark.row.n];
        }
        """
    )
    fox.page.mouse.move(*spot[:2])
    assert fox.page.get_by_role("tooltip").inner_text() == spot[2]
    fox.page.mouse.click(*spot[:2])
    fox.page.get_by_text("Only C", exact=True).click()
    rests = fox.player(
        "return [...player.shadowRoot.querySelectorAll('.rests')]"
        ".flatMap(node => player.stage.find(node).row.g)"
    )
    assert rests
    assert "request C" not in rests
    fox.page.get_by_text("Only request C").click()
    assert fox.page.locator(".rests").count() == 0


def test_a_block_tells_whose_it_is_and_how_it_came_to_be_that(visit):
    fox = visit(where="#beat=8&step=3")
    fox.player(
        "const mark = player.stage.noted().find(({ row }) => row.k === 'lane/paged/block/7/0');"
        "player.explainer.explore(mark)"
    )
    fox.page.keyboard.press("Enter")
    said = fox.page.get_by_role("dialog")
    assert "Block 7: first in the table of A." in said.inner_text()
    assert "A takes block 7 from the free queue." in said.inner_text()
    said.get_by_role("button", name="Step 1").click()
    fox.settled("#beat=3&step=1")


def test_why_tells_the_rule_and_its_source_and_a_term_its_meaning(visit, stories):
    fox = visit(where="#beat=8&step=3")
    fox.page.get_by_text("Why is C refused?").click()
    said = fox.page.get_by_role("dialog").inner_text()
    refusals = [
        item
        for step in stories[FOX]["beats"][7]["steps"]
        for item in step["happened"].get("contiguous", ())
        if item["what"] == "refused"
    ]
    assert refusals[0]["rule"] in said
    assert refusals[0]["source"] in said
    fox.page.keyboard.press("Escape")
    fox.page.locator(".term").first.click()
    assert fox.page.get_by_role("dialog").inner_text().strip()


def test_a_question_waits_for_the_visitor_and_says_how_it_came_out(visit, stories):
    story = stories[ASKS]
    beat = next(i for i, told in enumerate(story["beats"]) if "question" in told)
    asks = visit(ASKS, f"#beat={beat}&step=99")
    right = next(o["text"] for o in story["beats"][beat]["question"]["options"] if o["right"])
    asks.page.get_by_label("Speed").select_option("4")
    asks.page.get_by_label("Play", exact=True).click()
    option = asks.page.get_by_role("button", name=right, exact=True)
    option.wait_for()
    asks.page.wait_for_function("() => !document.querySelector('pagereel-player').playing")
    option.click()
    asks.page.get_by_text("Right:").wait_for()


def test_a_screen_reader_hears_title_origin_picture_caption_why_place_and_controls(visit, stories):
    """The path through one beat: in this order, and nothing in the picture is said twice."""
    fox = visit(where="#beat=8&step=3")
    step = stories[FOX]["beats"][7]["steps"][2]
    heard = fox.page.locator("pagereel-player").aria_snapshot()
    words = [
        'heading "The quick brown fox" [level=1]',
        'heading "8 A third request is refused, and admitted" [level=2]',
        'button "Where the numbers come from: modelled"',
        'button "Chapters and requests"',
        f'img "{stories[FOX]["canvases"]["16:9"]["alts"][step["picture"]]}"',
        "paragraph:",
        'button "Why is C refused?"',
        'slider "Where you are"',
        'button "One step back"',
        'button "Play"',
        'combobox "Speed"',
    ]
    places = [heard.find(text) for text in words]
    assert -1 not in places, heard
    assert places == sorted(places), heard


def test_words_of_the_picture_and_of_the_caption_can_be_selected(visit):
    fox = visit(where="#beat=8&step=3")
    selected = fox.player(
        """
        const taken = node => {
          getSelection().selectAllChildren(node);
          return [getComputedStyle(node).userSelect, String(getSelection()).trim()];
        };
        const word = player.shadowRoot.querySelector('.picture text');
        return [taken(word), taken(player.shadowRoot.querySelector('.caption'))];
        """
    )
    assert selected[0][0] == "text"
    assert selected[1][1].startswith("C needs 3 slots")


def test_in_another_document_an_element_plays_a_story_that_it_is_given(driver, stories, tmp_path):
    host = tmp_path / "host.html"
    script = built.player().replace("</script", "<\\/script")
    host.write_text(f"<!doctype html><title>Host</title><p>Before</p><script>{script}</script>")
    page = driver.new_page()
    page.add_init_script(f"window.story = {json.dumps(stories[FOX])}")
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => {"
        " const player = document.createElement('pagereel-player');"
        " player.story = window.story; window.told = [];"
        " player.addEventListener('pagereel-at', event => window.told.push(event.detail));"
        " document.querySelector('p').after(player); player.playhead.jump(1); })"
    )
    page.goto(host.as_uri())
    page.wait_for_selector(".picture .layer > *")
    page.locator(".picture").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => window.told.at(-1)?.beat === 3")
    assert page.evaluate("location.hash") == ""
    page.close()


def test_who_wants_less_motion_gets_none(visit):
    fox = visit(where="#beat=2", reduced_motion="reduce")
    fox.page.keyboard.press("ArrowRight")
    fox.settled("#beat=3&step=1")
    assert fox.player("return player.stage.moving.length") == 0


def test_the_tour_is_offered_once_and_stands_on_the_controls(visit):
    fox = visit(is_new=True)
    fox.page.get_by_text("Take the tour").click()
    assert fox.page.locator(".tour h3").inner_text() == "The picture"
    fox.page.get_by_role("button", name="Next", exact=True).click()
    assert fox.page.locator(".tour h3").inner_text() == "Step by step"
    fox.page.keyboard.press("Escape")
    fox.page.reload()
    fox.page.wait_for_selector(".picture .layer > *")
    assert fox.page.get_by_text("Take the tour").count() == 0


ENGINE = """
const worker = `onmessage = ({ data }) => {
  if (data.ping) postMessage({ pong: 1 });
  else if (data.start) postMessage({ progress: "ready", ms: 1 });
  else postMessage({ id: data.id, answer:
    data.overrides.includes("slots=8") || data.text.includes("slots: 8")
    ? JSON.stringify({ problems: [{ line: 9, message: "slots: 8 are too few",
                                    remedy: "make it 24 or more" }] })
    : ${JSON.stringify(JSON.stringify(ANSWER))} });
};`;
window.pagereelEngine({ worker, files: {} });
"""


@pytest.fixture(scope="module")
def engine():
    """Answers as the engine does, with what the model makes of blocks of 8 slots."""
    only = {"16:9": SCREENS["16:9"]}
    story = bake(read_timeline(FOX, ("block_size=8",)), only)
    broken = [{"beat": 8, "claim": "paged.C.phase == running", "text": "it waits"}]
    answer = json.dumps({"story": story, "broken": broken}).replace("</", "<\\/")
    return ENGINE.replace("ANSWER", answer)


def test_an_edit_is_played_and_says_which_claims_no_longer_hold(visit, engine):
    fox = visit(where="#beat=8&step=3", engine=engine)
    fox.page.get_by_label("Try your own").click()
    fox.page.get_by_label("Block size").select_option("8")
    fox.page.get_by_text("Play my version").click()
    fox.page.get_by_text("1 claim of the author no longer holds").wait_for()
    assert fox.hash() == "#beat=8&step=3&set=block_size%3D8"
    assert fox.page.get_by_text("Yours: 1 change").count() == 1
    fox.page.get_by_role("button", name="Reset").click()
    assert fox.hash() == "#beat=8&step=3"
    fox.page.get_by_role("spinbutton", name="Slots").first.fill("8")
    fox.page.get_by_text("Play my version").click()
    fox.page.get_by_text("8 are too few").wait_for()
    assert "make it 24 or more" in fox.page.get_by_role("alert").inner_text()


def test_a_link_with_changes_plays_them(visit, engine):
    fox = visit(where="#beat=5&set=block_size%3D8", engine=engine)
    fox.page.get_by_text("Yours: 1 change").wait_for()


def test_the_storyboard_itself_can_be_rewritten_and_a_link_carries_it(visit, engine):
    fox = visit(engine=engine)
    fox.page.get_by_label("Try your own").click()
    fox.page.get_by_role("button", name="Storyboard").click()
    text = fox.page.get_by_label("Storyboard, in YAML")
    assert text.input_value() == FOX.read_text()
    text.fill(FOX.read_text().replace("slots: 48", "slots: 8"))
    fox.page.get_by_text("Play my version").click()
    fox.page.get_by_role("button", name="Line 9").click()
    marked = text.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    assert marked == FOX.read_text().split("\n")[8]
    written = FOX.read_text().replace("slots: 48", "slots: 24")
    text.fill(written)
    fox.page.get_by_text("Play my version").click()
    fox.page.get_by_text("Yours: rewritten").wait_for()
    again = visit(where=fox.hash(), engine=engine)
    again.page.get_by_text("Yours: rewritten").click()
    assert again.page.get_by_label("Storyboard, in YAML").input_value() == written


def test_a_missing_engine_is_said_in_one_sentence(visit, tmp_path):
    fox = visit(engine="// gone")
    (tmp_path / "engine.js").unlink()
    fox.page.get_by_label("Try your own").click()
    fox.page.get_by_label("Block size").select_option("8")
    fox.page.get_by_text("Play my version").click()
    fox.page.get_by_text("The file engine.js is not beside this page").wait_for()


BESIDE_THE_SHAPES = "{ exclude: [{ fromShadowDom: ['pagereel-player', '.layer'] }] }"
"""Hundreds of shapes are judged once, when they can be explored."""


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_any_state(visit, engine, theme):
    if not AXE.exists():
        assert os.environ.get("CI") != "true"
        pytest.skip("axe-core is not installed: make page")
    fox = visit(where=f"#beat=8&step=3&theme={theme}", engine=engine)
    script = AXE.read_text()
    fox.page.evaluate(f"() => {{ {script} }}")

    def violations(what=BESIDE_THE_SHAPES):
        fox.page.wait_for_timeout(50)
        told = "({ id, nodes }) => id + nodes.map(node => node.html + node.failureSummary)"
        return fox.page.evaluate(
            f"axe.run({what}).then(({{ violations }}) => violations.map({told}))"
        )

    found = {"at rest": violations()}
    for name, key in (("chapters", "c"), ("help", "?")):
        fox.page.keyboard.press(key)
        found[name] = violations()
    fox.page.keyboard.press("Escape")
    fox.page.keyboard.press("e")
    found["exploring"] = violations("document")
    fox.page.keyboard.press("Enter")
    found["explained"] = violations()
    fox.page.get_by_role("button", name="All about").first.click()
    found["a request"] = violations()
    fox.page.get_by_label("Colours and link").click()
    found["settings"] = violations()
    fox.page.get_by_label("Try your own").click()
    fox.page.get_by_label("Block size").select_option("8")
    fox.page.get_by_text("Play my version").click()
    fox.page.get_by_text("1 claim of the author").wait_for()
    found["edited"] = violations()
    fox.page.get_by_role("button", name="Storyboard").click()
    found["rewriting"] = violations()
    assert found == {state: [] for state in found}
