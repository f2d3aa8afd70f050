"""`pagereel page`: a storyboard as an interactive page, or the whole course as a site."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pagereel.cli.arguments import OUTPUT, Everything, Folder, Json, Set, Storyboards


def page(
    storyboards: Storyboards = None,
    everything: Everything = False,
    output: Folder = OUTPUT / "page",
    no_edit: Annotated[
        bool,
        typer.Option("--no-edit", help="Leave out engine.js (11 MB): a page to look at only."),
    ] = False,
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """Write interactive pages that open from a file or any static server, and need no network.

    One storyboard becomes DIR/index.html, with engine.js beside it, which runs the model in the
    browser as soon as somebody changes a setting. Of several, or with --all, each gets a folder of
    its own, and DIR/index.html leads to them. Open it: a double click will do. To publish it, copy
    the folder to any web server.
    """
    from pagereel.cli.sources import course, load, named, playground
    from pagereel.page.built import engine
    from pagereel.page.publish import write_page, write_site

    files = [*course(), *playground()] if everything else named(storyboards)
    sources = load(files, set_ or ())
    runs = None if no_edit else engine()
    if len(sources) == 1 and not everything:
        made = write_page(sources[0], runs, output)
    else:
        made = [*write_site(sources, runs, output)]
    if as_json:
        print(json.dumps([str(path) for path in made]))
        return
    kept = "" if runs or no_edit else "; without engine.js nothing can be changed: run `make page`"
    if len(made) > 2 and len(sources) > 1:
        print(f"{made[-1]}: {len(sources)} pages{kept}")
    else:
        print(f"{made[0]}: open it in a browser{kept}")
