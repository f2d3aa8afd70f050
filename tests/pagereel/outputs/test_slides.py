"""Slides: one a beat, complete for every reader, made from the cache in seconds."""

import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from pagereel.scenes.shapes.picture import Box, Picture, Rect, Rgba, Text

pptx = pytest.importorskip("pptx")
pytestmark = pytest.mark.pixels
TITLES = ["A card", "A arrives and runs", "Nothing moves"]
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"


@pytest.fixture(scope="module")
def folder(rendered, board, pagereel, tmp_path_factory):
    """A deck whose beats are in the cache already."""
    made = tmp_path_factory.mktemp("deck")
    options = ("--quality", "draft", "--author", "Ada & <Co>", "--date", "2026-05-04")
    done = pagereel("deck", board, "-o", made, *options)
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def deck(folder):
    return pptx.Presentation(str(folder / "two-requests.pptx"))


def test_a_deck_is_a_presentation_and_a_document_each_with_its_manifest(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "two-requests.pdf",
        "two-requests.pdf.manifest.json",
        "two-requests.pptx",
        "two-requests.pptx.manifest.json",
    ]


def test_there_is_a_slide_a_beat_with_its_title_and_its_notes(deck):
    assert [slide.shapes.title.text_frame.text for slide in deck.slides] == TITLES
    notes = [slide.notes_slide.notes_text_frame.text for slide in deck.slides]
    assert notes[0] == "One <i>card</i> & an arrow --> for the captions."
    assert notes[1] == "A holds 4 slots."
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9)


ASKS = """\
title: A question
about: {about}
model: gpt2
parameters: {{slots: 16, block_size: 4}}
lanes: {{paged: {{kind: paged, title: Paged}}}}
requests: {{A: {{prompt: The quick, output: " brown fox"}}}}
beats:
  - title: Guess
    do: [admit: A, step]
    say: One will do.
    question:
      ask: How many blocks?
      options: {{one: paged.A.blocks == 1, two: paged.A.blocks == 2}}
"""


def test_a_question_has_a_slide_of_its_own_and_no_about_text_is_too_long(pagereel, write, tmp_path):
    story = write("asks.yaml", ASKS.format(about="so " * 300))
    done = pagereel("deck", story, "-o", tmp_path, "--quality", "draft")
    assert done.returncode == 0, done.stderr
    made = pptx.Presentation(str(tmp_path / "asks.pptx"))
    notes = [slide.notes_slide.notes_text_frame.text for slide in made.slides]
    assert notes == ["How many blocks? one. two.", "One will do."]
    alike = [slide.shapes.title.text_frame.text for slide in made.slides]
    assert alike == ["Guess", "Guess"]
    stills = [slide.shapes[2].image.sha1 for slide in made.slides]
    assert stills[0] != stills[1]
    assert len(made.core_properties.subject) == 255


def test_a_slide_has_the_clip_and_above_it_the_still_each_described(deck):
    for slide, title in zip(deck.slides, TITLES, strict=True):
        placed, clip, still = slide.shapes
        assert placed.is_placeholder
        assert [shape.name for shape in (clip, still)] == ["Clip", "Still"]
        words = [s._element.find(f".//{P}cNvPr").get("descr") for s in (clip, still)]
        assert words[0] == f"Animation: {title}"
        assert "Lane paged" in words[1]
        assert (still.left, still.top) == (clip.left, clip.top) == (0, 0)
        assert still.width == deck.slide_width


def test_the_clip_plays_by_itself_and_then_the_still_appears(deck):
    for slide in deck.slides:
        _, clip, still = slide.shapes
        timing = slide._element.find(f"{P}timing")
        play, appear = timing.find(f".//{P}cmd"), timing.find(f".//{P}set")
        assert play.get("cmd") == "playFrom(0.0)"
        assert play.find(f".//{P}spTgt").get("spid") == str(clip.shape_id)
        assert appear.find(f".//{P}spTgt").get("spid") == str(still.shape_id)
        starts = [c.get("nodeType") for c in timing.iter(f"{P}cTn") if c.get("presetClass")]
        assert starts == ["afterEffect", "afterEffect"]


def test_a_clip_opens_where_the_slide_before_ended(folder):
    with zipfile.ZipFile(folder / "two-requests.pptx") as packed:
        pictures = []
        for number in (1, 2, 3):
            slide = packed.read(f"ppt/slides/_rels/slide{number}.xml.rels")
            links = ElementTree.fromstring(slide)
            images = [r.get("Target") for r in links if r.get("Type").endswith("/image")]
            xml = packed.read(f"ppt/slides/slide{number}.xml").decode()
            ids = {r.get("Id"): r.get("Target") for r in links}
            order = [part.split('"')[0] for part in xml.split('r:embed="')[1:]]
            shown = [ids[one] for one in order if "image" in ids[one]]
            assert set(shown) == set(images)
            pictures.append(shown)
    assert pictures[1][0] == pictures[0][1]
    assert pictures[2][0] == pictures[1][1]


def test_the_file_says_whose_it_is(deck):
    about = deck.core_properties
    assert (about.title, about.author) == ("Two requests <b>&</b> one pool", "Ada & <Co>")
    assert about.created.date().isoformat() == "2026-05-04"


def test_on_narrow_slides_the_picture_stays_whole(board, rendered, pagereel, tmp_path):
    options = ("--quality", "draft", "--slides", "4:3", "--format", "pptx", "--beats", "2")
    done = pagereel("deck", board, "-o", tmp_path, *options)
    assert done.returncode == 0, done.stderr
    made = pptx.Presentation(str(tmp_path / "two-requests.pptx"))
    still = made.slides[0].shapes[2]
    assert made.slide_width / made.slide_height == pytest.approx(4 / 3)
    assert still.width == made.slide_width
    assert still.width / still.height == pytest.approx(16 / 9, rel=1e-3)
    assert still.top == pytest.approx(made.slide_height - still.top - still.height, abs=2)


def test_control_characters_of_a_title_are_shown_not_obeyed(pagereel, tmp_path, story):
    path = tmp_path / "two-requests.yaml"
    nasty = story.replace("title: A card", 'title: "A\\x07 \\e[31m<a:t>"')
    path.write_text(nasty, encoding="utf-8")
    done = pagereel("deck", path, "-o", tmp_path, "--quality", "draft", "--beats", "1")
    assert done.returncode == 0, done.stderr
    made = pptx.Presentation(str(tmp_path / "two-requests.pptx"))
    assert made.slides[0].shapes.title.text_frame.text == r"A\x07 \x1b[31m<a:t>"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed")
def test_libreoffice_opens_the_slides_and_shows_the_stills(folder, tmp_path):
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path]
    subprocess.run([*command, folder / "two-requests.pptx"], check=True, timeout=120,
                   capture_output=True)  # fmt: skip
    pages = raster(tmp_path / "two-requests.pdf", tmp_path)
    ours = raster(folder / "two-requests.pdf", tmp_path, "ours")
    assert len(pages) == len(ours) == 3
    for page, own in zip(pages, ours, strict=True):
        assert difference(page, own) < 3


def raster(document, folder, stem="page"):
    command = ["pdftoppm", "-r", "72", "-png", document, folder / stem]
    subprocess.run(command, check=True, timeout=60)
    return [Image.open(path).convert("RGB") for path in sorted(folder.glob(f"{stem}-*.png"))]


def difference(one, other):
    import numpy as np

    size = (960, 540)
    a, b = (np.asarray(image.resize(size)).astype(int) for image in (one, other))
    return abs(a - b).mean()


@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="poppler is not installed")
def test_the_document_has_its_title_its_pages_and_words_that_can_be_found(folder):
    path = folder / "two-requests.pdf"
    said = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    assert "Two requests <b>&</b> one pool" in said
    assert "Ada & <Co>" in said
    assert "Pages:           3" in said
    words = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)
    assert "A arrives and runs" in words.stdout
    assert "A holds 4 slots." in words.stdout


def test_a_document_keeps_every_character_that_some_font_has(tmp_path):
    from pagereel.outputs.pdf import About, Page, write_pdf

    shapes = (
        Rect("r", Box(0, 0, 500, 90), Rgba(1, 1, 1, 1), Rgba(0, 0, 0, 0),
             pattern_ink=Rgba(0, 0, 0, 0)),
        Text("t", 10, 60, "AV → ∑ \uf8ff x²", 40, Rgba(0, 0, 0, 1)),
        Text("m", 10, 90, "0123", 22, Rgba(0, 0, 0, 1), face="mono"),
    )  # fmt: skip
    page = Page(Picture(1920, 1080, Rgba(1, 1, 1, 1), shapes), "(a) \\ ü", "1")
    write_pdf([page], About("t", "a", "s"), tmp_path / "one.pdf")
    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF-")
    assert Path(tmp_path / "one.pdf").stat().st_size < 60_000
