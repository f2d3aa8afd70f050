"""`pagereel page`: a storyboard as an interactive page, or the whole course as a site."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from pagereel.cli.arguments import OUTPUT, Everything, Folder, Jobs, Json, Set, Storyboards


def page(
    storyboards: Storyboards = None,
    everything: Everything = False,
    output: Folder = OUTPUT / "page",
    no_edit: Annotated[
        bool,
        typer.Option("--no-edit", help="Leave out engine.js (11 MB): a page to look at only."),
    ] = False,
    films: Annotated[
        Path,
        typer.Option(
            "--films",
            metavar="DIR",
            help="A site shows the videos that `pagereel render` has put here beside their pages.",
        ),
    ] = OUTPUT,
    set_: Set = None,
    jobs: Jobs = None,
    as_json: Json = False,
) -> None:
    """Write interactive pages that open from a file or any static server, and need no network.

    One storyboard becomes DIR/index.html, with engine.js beside it, which runs the model in the
    browser as soon as somebody changes a setting. Of several, or with --all, each gets a folder of
    its own, and DIR/index.html leads to them, and to a search; with --all to all texts of the
    course as well. Open it: a double click will do. To publish it, copy the folder to any web
    server.
    """
    from pagereel.cli.sources import course, load, named, playground, texts
    from pagereel.page.articles import texts_of
    from pagereel.page.built import engine
    from pagereel.page.course import Site, write_site
    from pagereel.page.publish import write_page
    from pagereel.render.workers import default_jobs

    files = [*course(), *playground()] if everything else named(storyboards)
    sources = load(files, set_ or ())
    runs = None if no_edit else engine()
    if len(sources) == 1 and not everything:
        made = write_page(sources[0], runs, output)
    else:
        site = Site(sources, runs, films=films)
        docs = texts() if everything else None
        if docs:
            site = replace(site, texts=texts_of(docs, site.names))
        made = [*write_site(site, output, jobs or default_jobs())]
    if as_json:
        print(json.dumps([str(path) for path in made]))
        return
    kept = "" if runs or no_edit else "; without engine.js nothing can be changed: run `make page`"
    if len(sources) > 1:
        print(f"{made[-1]}: {len(made)} pages{kept}")
    else:
        print(f"{made[0]}: open it in a browser{kept}")
