"""Reads storyboards: YAML in, `model.storyboard.Storyboard` out, or all mistakes at once."""

from pagereel.read.overrides import Override, parse_override
from pagereel.read.problem import Problem, StoryboardProblems
from pagereel.read.reader import read
from pagereel.read.schema import schema_json

__all__ = ["Override", "Problem", "StoryboardProblems", "parse_override", "read", "schema_json"]
