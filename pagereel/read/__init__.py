"""Reads storyboards: YAML in, a `Storyboard` out, or all mistakes at once."""

from pagereel.read.document.problem import Problem, StoryboardProblems
from pagereel.read.form.schema import schema_json
from pagereel.read.overrides import Override, override_text, parse_override
from pagereel.read.reader import (
    ClaimsFail,
    Reviewed,
    Unmet,
    files_named,
    place,
    read,
    read_timeline,
    read_with_claims,
)
from pagereel.read.rewrite import as_yaml, document_of, rewritten
from pagereel.read.starter import UnsafeName, safe_name, starter

__all__ = [
    "ClaimsFail",
    "Override",
    "Problem",
    "Reviewed",
    "StoryboardProblems",
    "Unmet",
    "UnsafeName",
    "as_yaml",
    "document_of",
    "files_named",
    "override_text",
    "parse_override",
    "place",
    "read",
    "read_timeline",
    "read_with_claims",
    "rewritten",
    "safe_name",
    "schema_json",
    "starter",
]
