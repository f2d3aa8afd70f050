"""The authoring reference tells no lies: its example plays, and no key is left out."""

import re

from pagereel.read import read
from pagereel.read.form.fields import GpuForm
from pagereel.read.form.schema import BeatForm, LaneForm, RequestForm, StoryboardForm
from pagereel.read.form.verbs import VERBS

from places import ROOT

REFERENCE = (ROOT / "storyboards" / "README.md").read_text("utf-8")


def test_the_example_is_a_valid_storyboard(tmp_path):
    path = tmp_path / "example.yaml"
    path.write_text(re.search(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL)[1], "utf-8")
    assert len(read(path).beats) == 2


def test_every_key_and_verb_is_explained():
    forms = (StoryboardForm, LaneForm, RequestForm, BeatForm, GpuForm)
    keys = {key for form in forms for key in form.model_fields}
    assert [word for word in (*keys, *VERBS) if word not in REFERENCE] == []
