"""The how-to about Python: its code runs, and the notebook beside it is what it gives."""

import json
import re

import pytest

from pagereel.documents.notebook import SOURCE, TARGET, notebook

from places import ROOT

FONT = re.compile(r"url\(data:font[^)]*\)")


def comparable(notebook):
    """Without the fonts in its pictures: two machines may pack the same font in two ways."""

    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            drawn = output.get("data", {}).get("image/svg+xml")
            if drawn:
                output["data"]["image/svg+xml"] = FONT.sub("", "".join(drawn))
    return notebook


@pytest.mark.pixels
def test_the_code_runs_and_the_notebook_shows_what_it_gives(tmp_path, monkeypatch, shared_cache):
    monkeypatch.setenv("PAGEREEL_CACHE", str(shared_cache))
    monkeypatch.chdir(tmp_path)
    made = notebook((ROOT / SOURCE).read_text("utf-8"))
    kept = json.loads((ROOT / TARGET).read_text("utf-8"))
    assert comparable(made) == comparable(kept), "execute it again: make docs"


def test_the_notebook_is_one_and_names_no_machine():
    text = (ROOT / TARGET).read_text("utf-8")
    made = json.loads(text)
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    assert {cell["cell_type"] for cell in made["cells"]} == {"markdown", "code"}
    assert str(ROOT) not in text and "/home/" not in text and "/tmp/" not in text


def test_code_that_fails_stops_the_making_of_a_notebook():
    with pytest.raises(NameError):
        notebook("Text.\n\n```python\nunheard_of\n```\n")


def test_a_cell_answers_with_what_it_prints_and_what_its_last_line_comes_to():
    made = notebook("# Head\n\n```python\nprint(1)\n2 + 2\n```\n\n```python\nx = 3\n```\n\nEnd.\n")
    first, second = (cell for cell in made["cells"] if cell["cell_type"] == "code")
    printed, found = first["outputs"]
    assert printed["text"] == ["1\n"] and found["data"] == {"text/plain": ["4"]}
    assert second["outputs"] == []
    assert [c["source"] for c in made["cells"] if c["cell_type"] == "markdown"] == [
        ["# Head"],
        ["End."],
    ]
