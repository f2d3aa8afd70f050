"""What a reader changes on a page is played there, kept in links, and refused in plain words."""

from places import ROOT

FOX = ROOT / "storyboards/01-the-quick-brown-fox.yaml"


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
