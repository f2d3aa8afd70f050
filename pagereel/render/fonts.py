"""Which faces there are to draw with on this machine."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from pagereel.scenes.pictures.moment import FALLBACK, FIRA, Typefaces

MISSING = (
    "warning: the package pymupdf-fonts is missing, so text is set in Pillow's own face instead of "
    "FiraGO; `pip install pymupdf-fonts` brings it back"
)


def typefaces() -> Typefaces:
    """FiraGO and Fira Mono; without their package the fallback, and a warning on stderr."""
    if find_spec("pymupdf_fonts") is not None:
        return FIRA
    print(MISSING, file=sys.stderr)
    return FALLBACK
