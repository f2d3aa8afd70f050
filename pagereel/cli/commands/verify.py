"""`pagereel verify`: are these files still what their storyboards say?"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

from pagereel.errors import InputWrong
from pagereel.outputs.verify import verify


def verify_files(files: Sequence[Path], storyboard: Path | None, form: str) -> None:
    """Print a line for each file; those that are not raise `InputWrong` in the end."""
    verdicts = [verify(file, storyboard) for file in files]
    if form == "json":
        print(json.dumps([dataclasses.asdict(one) | {"good": one.good} for one in verdicts]))
    else:
        for one in verdicts:
            if one.good:
                print(one)
    wrong = [str(one) for one in verdicts if not one.good]
    if wrong:
        raise InputWrong("\n".join(wrong))
