"""What a story's page can be started from: each variant as the overrides that make it."""

from __future__ import annotations

from pagereel.model.storyboard.storyboard import Variant
from pagereel.read.document.nodes import Node, plain
from pagereel.read.form.schema import VariantForm
from pagereel.read.overrides import override_text


def variants(root: Node) -> tuple[Variant, ...]:
    """Those of a document that is valid, in its words and in its order."""
    document = plain(root)
    given = document.get("variants") if isinstance(document, dict) else None
    return tuple(_variant(each) for each in given or () if isinstance(each, dict))


def _variant(given: dict[str, object]) -> Variant:
    changed = [key for key in VariantForm.model_fields if key not in ("title", "about")]
    overrides = tuple(override_text(key, given[key]) for key in changed if given.get(key))
    return Variant(str(given["title"]), str(given.get("about", "")), overrides)
