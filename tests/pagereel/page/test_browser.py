"""The player in a real browser: it steps, explains, asks, and leaves nobody out."""

import gzip
import json
import os

import pytest

from pagereel.page import built
from pagereel.scenes.style import THEMES

from browsers import require
from places import ROOT

AXE = ROOT / "page/node_modules/axe-core/axe.min.js"
FOX = ROOT / "storyboards/01-the-quick-brown-fox.yaml"
ASKS = ROOT / "storyboards/13-block-size.yaml"
PLAYGROUND = ROOT / "storyboards/playground.yaml"


def test_the_player_is_small_and_the_editor_is_no_part_of_it():
    require(built.PLAYER.exists(), "the player is not built: make page")
    assert len(gzip.compress(built.PLAYER.read_bytes())) <= 60_000
    assert b"cm-content" not in built.PLAYER.read_bytes()


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


def test_words_of_the_picture_and_of_the_caption_can_be_selected(visit, stories):
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
    assert selected[1][1] == stories[FOX]["beats"][7]["steps"][2]["say"]


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
    fox.page.get_by_role("button", name="From here", exact=True).click()
    fox.page.get_by_text("A new request").click()
    found["acting"] = violations()
    fox.page.get_by_role("button", name="YAML", exact=True).click()
    fox.page.locator(".cm-content").wait_for()
    found["rewriting"] = violations()
    assert found == {state: [] for state in found}


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_the_playground_and_its_verdict(visit, bursting, theme):
    if not AXE.exists():
        assert os.environ.get("CI") != "true"
        pytest.skip("axe-core is not installed: make page")
    page = visit(PLAYGROUND, f"#beat=2&step=9&theme={theme}", bursting).page
    page.evaluate(f"() => {{ {AXE.read_text()} }}")
    run = f"axe.run({BESIDE_THE_SHAPES}).then(({{ violations }}) => violations.map(it => it.id))"
    page.get_by_label("Start from").select_option("Burst")
    page.get_by_text("Yours: Burst").wait_for()
    assert page.evaluate(run) == []
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Verdict").click()
    page.wait_for_timeout(50)
    assert page.evaluate(run) == []


@pytest.mark.parametrize("number", ["01", "09", "11"])
def test_what_is_unpacked_is_what_was_baked(visit, stories, number):
    file = next((ROOT / "storyboards").glob(f"{number}-*.yaml"))
    there = visit(file).player("return JSON.stringify(player.story);")
    assert json.loads(there) == json.loads(json.dumps(stories[file]))
