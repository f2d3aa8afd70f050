"""The how-to about Python as a notebook: its code executed, its answers beside it.

No notebook server is needed for that: a cell's answer is what it prints, and what its last line
comes to, as a notebook would show it.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import Any

from pagereel.storage.outgoing import write_file

SOURCE, TARGET = (Path("docs/how-to") / f"use-from-python.{suffix}" for suffix in ("md", "ipynb"))
_BLOCK = re.compile(r"```python\n(.*?)```\n?", re.DOTALL)


def write_notebook(root: Path) -> Path:
    """Execute the how-to in an empty folder and write the notebook."""
    text = (root / SOURCE).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="pagereel-") as folder, chdir(folder):
        made = notebook(text)
    text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    write_file(root / TARGET, text.encode())
    return root / TARGET


def notebook(text: str) -> dict[str, Any]:
    """A Markdown text, its Python executed here and now, in nbformat 4.5."""
    return {
        "cells": list(_cells(text)),
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cells(text: str) -> Iterator[dict[str, Any]]:
    names: dict[str, Any] = {"__name__": "__main__"}
    for place, part in enumerate(_BLOCK.split(text)):  # prose and code take turns
        about = {"id": f"cell-{place}", "metadata": {}, "source": _lines(part.strip("\n"))}
        if place % 2:
            number = place // 2 + 1
            outputs = list(_answers(part, names, number))
            yield {"cell_type": "code", **about, "execution_count": number, "outputs": outputs}
        elif part.strip():
            yield {"cell_type": "markdown", **about}


def _answers(code: str, names: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    """What a cell prints, and what its last line comes to."""
    body = ast.parse(code).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    with redirect_stdout(io.StringIO()) as printed:
        exec(compile(ast.Module(body, []), "<cell>", "exec"), names)
        found = None
        if isinstance(last, ast.Expr):
            found = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    if printed.getvalue():
        yield {"name": "stdout", "output_type": "stream", "text": _lines(printed.getvalue())}
    if found is not None:
        shown = {kind: _lines(text) for kind, text in _shown(found).items()}
        yield {
            "data": shown,
            "execution_count": number,
            "metadata": {},
            "output_type": "execute_result",
        }


def _shown(value: object) -> dict[str, str]:
    bundle = getattr(value, "_repr_mimebundle_", None)
    if bundle is None:
        return {"text/plain": repr(value)}
    shown: dict[str, str] = bundle(exclude={"text/html"})  # the player's script is in no repository
    return shown


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
