"""What a reader changes on a page is played there, kept in links, and refused in plain words."""

from places import ROOT

FOX = ROOT / "storyboards/01-the-quick-brown-fox.yaml"
PLAYGROUND = ROOT / "storyboards/playground.yaml"


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


def test_the_playground_starts_from_an_example_and_its_verdict_follows_every_step(visit, bursting):
    page = visit(PLAYGROUND, "#beat=2&step=4", bursting).page
    verdict = page.get_by_label("Verdict")
    before = verdict.inner_text()
    assert page.get_by_role("heading", name="Try your own").evaluate("at => !at.matches(':focus')")
    page.get_by_label("Start from").select_option("Burst")
    page.get_by_text("Yours: Burst").wait_for()
    page.get_by_text("Eight short requests, all at once.", exact=True).wait_for()
    assert "of 8" in verdict.inner_text()
    page.get_by_role("button", name="Next beat").click()
    assert verdict.inner_text() != before
    page.get_by_label("Start from").select_option("The first example")
    assert "of 5" in verdict.inner_text()


def test_a_link_brings_back_the_example_the_change_and_the_place(visit, bursting):
    first = visit(PLAYGROUND, "#beat=3&step=2&start=Burst&set=block_size%3D8", bursting)
    first.page.get_by_text("Yours: Burst, 1 change").wait_for()
    first.settled("#beat=3&step=2&start=Burst&set=block_size%3D8")
    again = visit(PLAYGROUND, first.hash(), bursting)
    again.page.get_by_text("Yours: Burst, 1 change").wait_for()
    here = "return JSON.stringify([player.here, player.version.settings, player.version.start]);"
    assert again.player(here) == first.player(here)


def test_a_link_to_an_example_that_is_not_there_says_so(visit, bursting):
    page = visit(PLAYGROUND, "#beat=1&step=1&start=Nobody", bursting).page
    page.get_by_text("nothing called “Nobody”").wait_for()


def test_on_a_phone_the_verdict_is_a_tap_away(visit):
    page = visit(PLAYGROUND, "#beat=3&step=2", width=390, height=844, has_touch=True).page
    page.get_by_role("button", name="Verdict").tap()
    page.get_by_role("dialog").get_by_text("Of the slots that it held").wait_for()
