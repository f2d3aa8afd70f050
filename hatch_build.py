"""Sees to it that a wheel brings the pages' scripts and engine, which no repository has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SCRIPTS = ("player", "site", "preview", "diff", "editor", "engine")
BUILT = [f"pagereel/page/static/{name}.js" for name in SCRIPTS]
OPT_OUT = "PAGEREEL_WITHOUT_PAGE"
"""Set to build without them: `pagereel page` then says what is missing."""


class PageIsBuilt(BuildHookInterface[Any]):
    """Refuses to pack what is not there; an editable installation may build it later."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raise RuntimeError where a wheel or a source archive would lack the page."""
        missing = [name for name in BUILT if not (Path(self.root) / name).is_file()]
        if missing and version != "editable" and not os.environ.get(OPT_OUT):
            raise RuntimeError(
                f"{' and '.join(missing)} must be built first: run `make page`, or set {OPT_OUT}=1 "
                "to build without the interactive page"
            )
