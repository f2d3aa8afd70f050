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
    assert "did you mean `24`?" in fox.page.get_by_role("alert").inner_text()


def test_a_link_with_changes_plays_them(visit, engine):
    fox = visit(where="#beat=5&set=block_size%3D8", engine=engine)
    fox.page.get_by_text("Yours: 1 change").wait_for()


def test_the_storyboard_itself_can_be_rewritten_and_a_link_carries_it(visit, engine):
    fox = visit(engine=engine)
    fox.page.get_by_label("Try your own").click()
    fox.page.get_by_role("button", name="YAML", exact=True).click()
    fox.page.locator(".cm-content").wait_for()
    text = "return player.writing.opened.editor.text;"
    assert fox.player(text) == FOX.read_text()
    fox.page.keyboard.press("Tab")
    fox.page.locator(".cm-content").focus()
    fox.page.keyboard.press("Control+Home")
    fox.page.keyboard.type("# slots: 8, and a question?")
    fox.page.keyboard.press("Control+Enter")
    fox.page.get_by_role("button", name="Line 9").click()
    selected = "return player.shadowRoot.getSelection?.() + '' || getSelection() + '';"
    assert fox.player(selected).strip() == FOX.read_text().split("\n")[8]
    fox.page.keyboard.press("F8")
    fox.page.get_by_role("button", name="Write 24").click()
    fox.page.locator(".cm-content").focus()
    fox.page.keyboard.press("Control+Home")
    for _ in range(9):
        fox.page.keyboard.press("Delete")
    fox.page.keyboard.press("Escape")
    assert fox.page.locator(".foot .main").evaluate("it => it.matches(':focus')")
    fox.page.keyboard.press("Enter")
    fox.page.get_by_text("Yours: rewritten").wait_for()
    written = fox.player(text)
    assert fox.complaints == []
    again = visit(where=fox.hash(), engine=engine)
    again.page.get_by_text("Yours: rewritten").click()
    again.page.locator(".cm-content").wait_for()
    assert again.player(text) == written


def test_without_the_editor_the_text_is_edited_in_a_plain_box(visit, engine, tmp_path):
    fox = visit(engine=engine)
    (tmp_path / "editor.js").unlink()
    fox.page.get_by_label("Try your own").click()
    fox.page.get_by_role("button", name="YAML", exact=True).click()
    text = fox.page.get_by_label("Storyboard, in YAML")
    assert text.input_value() == FOX.read_text()
    text.fill(FOX.read_text().replace("slots: 48", "slots: 24"))
    fox.page.get_by_text("Play my version").click()
    fox.page.get_by_text("Yours: rewritten").wait_for()


def test_a_visitor_acts_on_what_he_sees_and_takes_it_back(visit, acting):
    fox = visit(where="#beat=6&step=1", engine=acting)
    fox.page.get_by_role("button", name="Act from here").click()
    fox.page.get_by_role("button", name="Send: C").click()
    fox.page.get_by_text("Yours: your own steps").wait_for()
    fox.page.get_by_text("- admit: C").wait_for()
    fox.page.locator("h2", has_text="Your own steps").wait_for()
    assert "do=%5B%5B5%2C0%2C1%2C%7B%22admit%22%3A%22C%22%7D%5D%5D" in fox.hash()
    assert fox.page.get_by_role("button", name="Preempt: C").count() == 0  # it waits
    again = visit(where=fox.hash(), engine=acting)
    again.page.get_by_text("Yours: your own steps").wait_for()
    fox.page.get_by_role("button", name="Undo").click()
    assert fox.hash() == "#beat=6&step=1"
    assert fox.page.get_by_text("Yours: your own steps").count() == 0


def test_requests_come_and_stay_away_and_a_task_is_marked_once_it_is_done(visit, done):
    fox = visit(engine=done)
    fox.page.get_by_label("Try your own").click()
    todo = fox.page.get_by_label("Things to try")
    assert todo.locator(".done").count() == 0
    fox.page.get_by_text("Request B", exact=True).click()
    fox.page.get_by_role("button", name="Remove B").click()
    fox.page.get_by_role("button", name="Add a request").click()
    fox.page.get_by_text("Play my version").click()
    todo.get_by_text("Done, with 2 changes. One is enough.").wait_for()
    assert fox.player("return player.version.now.settings;") == [
        "requests.B.spare=true",
        'requests.D={"prompt":"Tell me a story","output":" once upon a time","arrival":1}',
    ]
    again = visit(where=fox.hash(), engine=done)
    again.page.get_by_text("Yours: 2 changes").click()
    again.page.get_by_role("button", name="Remove D").wait_for()


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


def test_on_a_phone_another_lane_can_be_looked_at_and_an_act_leaves_the_picture_to_be_seen(
    visit, contiguous_on_a_phone
):
    fox = visit(where="#beat=8&step=3", engine=contiguous_on_a_phone, width=390, height=844)
    drawn = (
        "const keys = player.screen.canvas.pictures[player.here.picture].map(row =>"
        " player.screen.canvas.rows[row].g ?? []);"
        "return ['contiguous', 'paged'].map(name =>"
        " keys.filter(tags => tags.includes(`lane ${name}`)).length);"
    )
    before = fox.player(drawn)
    assert before[0] < before[1]
    fox.page.get_by_label("Which lane is shown").select_option("contiguous")
    fox.page.wait_for_function(
        "() => document.querySelector('pagereel-player').lanes.chosen === 'contiguous'"
    )
    after = fox.player(drawn)
    assert after[0] > after[1]
    assert fox.hash() == "#beat=8&step=3"
    fox.page.get_by_label("Which lane is shown").select_option("")
    assert fox.player(drawn) == before
    fox.page.get_by_role("button", name="Act from here").click()
    top = fox.player("return player.inner('.panel').getBoundingClientRect().top;")
    assert top > 844 * 0.45


def test_on_a_phone_the_verdict_is_a_tap_away(visit):
    page = visit(PLAYGROUND, "#beat=3&step=2", width=390, height=844, has_touch=True).page
    page.get_by_role("button", name="Verdict").tap()
    page.get_by_role("dialog").get_by_text("Of the slots that it held").wait_for()
