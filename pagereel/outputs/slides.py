"""Beats as slides: the clip plays by itself, then the still stands; notes, titles, alt texts.

On a slide lie, from back to front: the title as text (for the outline view and screen readers),
the clip, and the still of the beat's end. The still appears when the clip is over. So a slide that
is printed, or shown by a program that knows no animation, is the still; one that is entered going
forward starts where the slide before ended; and going back lands on the end.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from pagereel.render.settings import SLIDES
from pagereel.scenes.shapes.picture import Rgba

LONGEST_PROPERTY = 255
"""Characters of a title, an author or a subject, by the format."""
_UNIX = 3
"""The system that a file's parts say they come from, wherever they were made."""


@dataclass(frozen=True, slots=True)
class Slide:
    """One beat's slide."""

    title: str
    notes: str
    alt: str
    clip: Path
    seconds: float
    opening: Path
    """What the clip shows before it plays."""
    still: Path


@dataclass(frozen=True, slots=True)
class Deck:
    """What the slides have in common."""

    title: str
    author: str
    subject: str
    date: str
    """Empty: the file tells none."""
    background: Rgba
    text: Rgba
    shape: str = "16:9"
    """The slides' shape; the pictures are fitted in whole."""
    picture: tuple[int, int] = (1920, 1080)


def write_pptx(slides: Sequence[Slide], deck: Deck, target: Path) -> None:
    """Write a presentation of one slide a beat."""
    made = Presentation()
    width, height = map(Emu, SLIDES[deck.shape])
    _stretch(made, width / made.slide_width)
    made.slide_width, made.slide_height = width, height
    _colour_background(made.slide_master, deck.background)
    about = made.core_properties
    about.title, about.author, about.subject = map(
        _property, (deck.title, deck.author, deck.subject)
    )
    about.last_modified_by, about.comments = _property(deck.author), ""
    _date(about, deck.date)
    for slide in slides:
        _add(made, slide, deck)
    _save(made, target)


def _date(about: Any, date: str) -> None:  # noqa: ANN401  # as below
    """Say when it was made; without a date nothing, where the template says when it was."""
    if date:
        about.created = about.modified = datetime.datetime.fromisoformat(date)
        return
    for dated in about._element.xpath("dcterms:created | dcterms:modified"):
        about._element.remove(dated)


def _save(made: Any, target: Path) -> None:  # noqa: ANN401  # as below
    """Write the file with no time in it: the library stamps each part with the local clock."""
    stamped = io.BytesIO()
    made.save(stamped)
    with zipfile.ZipFile(stamped) as parts, zipfile.ZipFile(target, "w") as plain:
        for part in parts.infolist():
            entry = zipfile.ZipInfo(part.filename)
            entry.create_system, entry.external_attr = _UNIX, part.external_attr
            plain.writestr(entry, parts.read(part), zipfile.ZIP_DEFLATED)


def _property(text: str) -> str:
    """As much of a text as a property of the file may have."""
    return text if len(text) <= LONGEST_PROPERTY else text[: LONGEST_PROPERTY - 1] + "…"


def _stretch(made: Any, share: float) -> None:  # noqa: ANN401  # python-pptx ships no types
    """Give the template's layouts, drawn for 4:3, the width of our slides."""
    for part in (made.slide_master, *made.slide_layouts):
        for shape in part.placeholders:
            left, top, width, height = shape.left, shape.top, shape.width, shape.height
            shape.left, shape.width = Emu(round(left * share)), Emu(round(width * share))
            shape.top, shape.height = top, height


def _colour_background(master: Any, colour: Rgba) -> None:  # noqa: ANN401  # as above
    fill = master.background.fill
    fill.solid()
    fill.fore_color.rgb = _rgb(colour)


def _rgb(colour: Rgba) -> Any:  # noqa: ANN401  # as above
    return RGBColor.from_string(  # type: ignore[no-untyped-call]  # python-pptx ships no types
        "".join(f"{round(channel * 255):02X}" for channel in colour[:3])
    )


def _add(made: Any, slide: Slide, deck: Deck) -> None:  # noqa: ANN401  # as above
    added = made.slides.add_slide(made.slide_layouts.get_by_name("Title Only"))
    box = _fitted(deck, made.slide_width, made.slide_height)
    _write_title(added.shapes.title, slide.title, deck, box)
    movie = added.shapes.add_movie(
        str(slide.clip), *box, poster_frame_image=str(slide.opening), mime_type="video/mp4"
    )
    _describe(movie, "Clip", f"Animation: {slide.title}")
    still = added.shapes.add_picture(str(slide.still), *box)
    _describe(still, "Still", slide.alt)
    _set_to_play(added, movie.shape_id, still.shape_id, round(slide.seconds * 1000))
    added.notes_slide.notes_text_frame.text = slide.notes


def _fitted(deck: Deck, width: int, height: int) -> tuple[Emu, Emu, Emu, Emu]:
    """Left, top, width and height of the picture: all of it on the slide, as large as it gets."""
    scale = min(width / deck.picture[0], height / deck.picture[1])
    w, h = round(deck.picture[0] * scale), round(deck.picture[1] * scale)
    return Emu((width - w) // 2), Emu((height - h) // 2), Emu(w), Emu(h)


def _write_title(shape: Any, title: str, deck: Deck, box: tuple[Emu, Emu, Emu, Emu]) -> None:  # noqa: ANN401  # as above
    """The title behind the picture: there for the outline, out of the audience's sight."""
    left, top, width, height = box
    shape.left, shape.top = Emu(left + width // 20), Emu(top + height // 20)
    shape.width, shape.height = Emu(width * 9 // 10), Emu(height // 10)
    shape.text_frame.text = title
    run = shape.text_frame.paragraphs[0].runs[0] if title else None
    if run is not None:
        run.font.size, run.font.color.rgb = Pt(24), _rgb(deck.text)


def _describe(shape: Any, name: str, alt: str) -> None:  # noqa: ANN401  # as above
    properties = shape._element.find(f".//{qn('p:cNvPr')}")
    properties.set("name", name)
    properties.set("descr", alt)


def _set_to_play(slide: Any, movie: int, still: int, length_ms: int) -> None:  # noqa: ANN401  # as above
    """Play the clip when the slide is shown; when it is over, the still appears."""
    element = slide._element
    for old in element.findall(qn("p:timing")):
        element.remove(old)
    timing = parse_xml(_TIMING.format(movie=movie, still=still, length=length_ms))
    extensions = element.find(qn("p:extLst"))
    if extensions is None:
        element.append(timing)
    else:
        extensions.addprevious(timing)
    etree.cleanup_namespaces(timing)


_TIMING = """\
<p:timing xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main">
 <p:tnLst><p:par><p:cTn id="1" dur="indefinite" restart="never" nodeType="tmRoot"><p:childTnLst>
  <p:seq concurrent="1" nextAc="seek">
   <p:cTn id="2" dur="indefinite" nodeType="mainSeq"><p:childTnLst>
    <p:par><p:cTn id="3" fill="hold">
     <p:stCondLst>
      <p:cond delay="indefinite"/>
      <p:cond evt="onBegin" delay="0"><p:tn val="2"/></p:cond>
     </p:stCondLst>
     <p:childTnLst>
      <p:par><p:cTn id="4" fill="hold">
       <p:stCondLst><p:cond delay="0"/></p:stCondLst>
       <p:childTnLst>
        <p:par><p:cTn id="5" presetID="1" presetClass="mediacall" presetSubtype="0" fill="hold"
          nodeType="afterEffect">
         <p:stCondLst><p:cond delay="0"/></p:stCondLst>
         <p:childTnLst>
          <p:cmd type="call" cmd="playFrom(0.0)"><p:cBhvr>
           <p:cTn id="6" dur="{length}" fill="hold"/>
           <p:tgtEl><p:spTgt spid="{movie}"/></p:tgtEl>
          </p:cBhvr></p:cmd>
         </p:childTnLst>
        </p:cTn></p:par>
       </p:childTnLst>
      </p:cTn></p:par>
      <p:par><p:cTn id="7" fill="hold">
       <p:stCondLst><p:cond delay="{length}"/></p:stCondLst>
       <p:childTnLst>
        <p:par><p:cTn id="8" presetID="1" presetClass="entr" presetSubtype="0" fill="hold"
          nodeType="afterEffect">
         <p:stCondLst><p:cond delay="0"/></p:stCondLst>
         <p:childTnLst>
          <p:set>
           <p:cBhvr>
            <p:cTn id="9" dur="1" fill="hold">
             <p:stCondLst><p:cond delay="0"/></p:stCondLst>
            </p:cTn>
            <p:tgtEl><p:spTgt spid="{still}"/></p:tgtEl>
            <p:attrNameLst><p:attrName>style.visibility</p:attrName></p:attrNameLst>
           </p:cBhvr>
           <p:to><p:strVal val="visible"/></p:to>
          </p:set>
         </p:childTnLst>
        </p:cTn></p:par>
       </p:childTnLst>
      </p:cTn></p:par>
     </p:childTnLst>
    </p:cTn></p:par>
   </p:childTnLst></p:cTn>
   <p:prevCondLst>
    <p:cond evt="onPrev" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond>
   </p:prevCondLst>
   <p:nextCondLst>
    <p:cond evt="onNext" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond>
   </p:nextCondLst>
  </p:seq>
  <p:video><p:cMediaNode vol="80000">
   <p:cTn id="10" fill="hold" display="0">
    <p:stCondLst><p:cond delay="indefinite"/></p:stCondLst>
   </p:cTn>
   <p:tgtEl><p:spTgt spid="{movie}"/></p:tgtEl>
  </p:cMediaNode></p:video>
 </p:childTnLst></p:cTn></p:par></p:tnLst>
</p:timing>
"""
"""The tree that PowerPoint itself writes for "play automatically" and "appear after previous"."""
