"""Reads storyboards: YAML in, `model.storyboard.Storyboard` out, or all mistakes at once."""

from pagereel.read.overrides import Override, parse_override
from pagereel.read.problem import Problem, StoryboardProblems
from pagereel.read.reader import read
from pagereel.read.schema import schema_json
from pagereel.read.starter import UnsafeName, safe_name, starter

__all__ = [
    "Override",
    "Problem",
    "StoryboardProblems",
    "UnsafeName",
    "parse_override",
    "read",
    "safe_name",
    "schema_json",
    "starter",
]
