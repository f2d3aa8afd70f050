"""Whose work a page carries, and under which licences: the text that goes along with it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files

_OURS = """\
This page was made with pagereel (MIT licence).

Player: Lit, BSD 3-Clause licence, Copyright Google LLC; its notice stands in the script.

Editor of storyboards (editor.js, where there is one): CodeMirror and Lezer, MIT licence, Copyright
(C) 2018-2021 by Marijn Haverbeke and others; style-mod, w3c-keyname and crelt, MIT licence,
Copyright (C) by Marijn Haverbeke and others.
  Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
  associated documentation files (the "Software"), to deal in the Software without restriction,
  including without limitation the rights to use, copy, modify, merge, publish, distribute,
  sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
  furnished to do so, subject to the following conditions: The above copyright notice and this
  permission notice shall be included in all copies or substantial portions of the Software.
  THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
  NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
  NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
  DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
  OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

Engine (engine.js, where there is one):
  Pyodide with CPython, Mozilla Public License 2.0 and Python Software Foundation License.
    Its source is published as the npm package `pyodide` and at github.com/pyodide/pyodide; the
    licence's text is at mozilla.org/MPL/2.0. Nothing in it has been changed but that its two
    scripts were joined.
  pydantic, pydantic-core, annotated-types, typing-inspection, PyYAML: MIT licence. PyYAML's
    scanner has been changed in two places to take what libyaml takes.
  typing-extensions: Python Software Foundation License.

Fonts, as subsets:
"""
_OFL = """\
  FiraGO and Fira Mono, SIL Open Font License, Version 1.1 (scripts.sil.org/OFL).
"""


def notices() -> str:
    """The text of NOTICES.txt: with the fonts' whole licence, where their package is here."""
    try:
        known = files("pymupdf-fonts") or []
    except PackageNotFoundError:
        known = []
    texts = [file.read_text() for file in known if file.name == "LICENSE.txt"]
    return _OURS + (f"\n{texts[0]}" if texts else _OFL)
