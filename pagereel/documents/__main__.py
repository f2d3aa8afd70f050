"""`make docs`: write the reference and the notebook, and draw the pictures of the pages."""

from __future__ import annotations

import sys
from pathlib import Path

from pagereel.documents.notebook import write_notebook
from pagereel.documents.pictures import draw_illustrations
from pagereel.documents.reference import write_reference
from pagereel.documents.rooms import write_rooms
from pagereel.errors import InputWrong, MachineFailed


def main() -> None:
    """Write everything below docs/ that is made, and say what."""
    root = Path(__file__).parents[2]
    try:
        made = [*write_reference(root / "docs" / "reference"), write_rooms(root)]
        made += [write_notebook(root), *draw_illustrations(root)]
    except (InputWrong, MachineFailed) as wrong:
        sys.exit(str(wrong))
    for path in made:
        print(f"{path.relative_to(root)}: {path.stat().st_size / 1000:,.0f} kB")


if __name__ == "__main__":
    main()
