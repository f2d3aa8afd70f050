"""`pagereel charts`: a record's charts as PNG, each with a line of what came of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from measurements.verify import Refused
from pagereel.build import failures
from pagereel.charts import RESULTS, NothingMeasured, all_charts, newest, open_record
from pagereel.commands.progress import progress_bar
from pagereel.failure import InputWrong
from pagereel.fonts import typefaces
from pagereel.manifest import write_json
from pagereel.publish import publishing
from pagereel.settings import Settings
from pagereel.workers import StillJob, processes, render_still
from scenes.lint import lint
from scenes.pictures.chart import chart_picture, in_words
from scenes.style import paint


def write_charts(
    record: Path | None, settings: Settings, height: int, output: Path, jobs: int, form: str
) -> None:
    """Draw every chart of a record, or of the newest one, with an index of what each says."""
    try:
        path = newest(record or RESULTS) if record is None or record.is_dir() else record
        charts = all_charts(open_record(path))
    except (NothingMeasured, Refused) as refused:
        raise InputWrong(str(refused)) from refused
    except OSError as problem:
        raise InputWrong(f"{record}: {problem.strerror}") from problem
    target = output / path.stem
    index: list[dict[str, Any]] = []
    with (
        publishing(target) as workshop,
        failures(target),
        processes(jobs) as pool,
        progress_bar(path.stem, form) as progress,
    ):
        waiting = []
        for name, chart in charts:
            picture = paint(chart_picture(chart, settings.canvas, typefaces()), settings.colours)
            faults = lint(picture)
            assert not faults, f"chart {name}: {faults[0]}"
            file = f"{name}.png"
            waiting.append(pool.submit(render_still, StillJob(file, picture, height, workshop)))
            about = {"file": file, "title": chart.title, "finding": chart.finding}
            index.append(about | {"alt": in_words(chart)})
        for done, future in enumerate(waiting):
            progress(done, len(waiting))
            future.result()
        write_json(workshop / "index.json", {"record": path.name, "charts": index})
    if form == "json":
        print(json.dumps({"folder": str(target), "charts": index}))
        return
    for entry in index:
        print(f"{target / entry['file']}: {entry['finding']}")
