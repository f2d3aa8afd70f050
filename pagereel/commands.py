"""What each command does between its arguments and its output. Results go to stdout."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.play import play
from pagereel.failure import InputWrong, explain
from pagereel.fonts import typefaces
from pagereel.inspect_layout import layout_faults, seconds
from pagereel.read import StoryboardProblems, UnsafeName, read, safe_name, starter
from pagereel.settings import Settings

if TYPE_CHECKING:
    from pagereel.build import Progress, Source
    from pagereel.frames import FrameOptions

LARGEST = 2160
"""Rows of the largest frame: 4K."""


def load(paths: Sequence[Path], overrides: Sequence[str]) -> list[Source]:
    """Read storyboards; the mistakes of all files together raise one `InputWrong`."""
    from pagereel.build import Source

    sources, wrong = [], []
    for path in paths:
        try:
            sources.append(Source(path, read(path, overrides), tuple(overrides)))
        except StoryboardProblems as problems:
            wrong.append(str(problems))
    if wrong:
        raise InputWrong("\n".join(wrong))
    twice = {s.storyboard.name for s in sources if _count(sources, s) > 1}
    if twice:
        raise InputWrong(f"two storyboards are named {twice.pop()}; their outputs would collide")
    return sources


def _count(sources: Sequence[Source], source: Source) -> int:
    return sum(other.storyboard.name == source.storyboard.name for other in sources)


def list_storyboards(folder: Path, form: str) -> None:
    """Name, length and title of each storyboard in a folder."""
    if not folder.is_dir():
        raise InputWrong(f"{folder} is not a folder; name one that holds storyboards")
    sources = load(sorted(folder.glob("*.yaml")), ())
    rows = [
        (s.storyboard.name, round(seconds(s.storyboard), 1), s.storyboard.title) for s in sources
    ]
    if form == "json":
        print(
            json.dumps([dict(zip(("name", "seconds", "title"), row, strict=True)) for row in rows])
        )
        return
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, length, title in rows:
        print(f"{name:{width}}  {length:6.1f} s  {title}")


def check_storyboards(paths: Sequence[Path], overrides: Sequence[str], form: str) -> None:
    """Read, play and lint; print one line a storyboard, or everything that is wrong."""
    sources, wrong, results = load(paths, overrides), [], []
    for source in sources:
        found = layout_faults(source.storyboard, typefaces())
        wrong += [f"{source.path}: {fault}" for fault in found]
        results.append(
            {
                "file": str(source.path),
                "beats": len(source.storyboard.beats),
                "seconds": round(seconds(source.storyboard), 1),
            }
        )
    if wrong:
        raise InputWrong("\n".join(wrong))
    if form == "json":
        print(json.dumps(results))
        return
    for result in results:
        print(f"{result['file']}: good, {result['beats']} beats, {result['seconds']} s")


def render_storyboards(
    paths: Sequence[Path],
    overrides: Sequence[str],
    settings: Settings,
    output: Path,
    jobs: int | None,
    form: str,
) -> None:
    """Render each storyboard; print where the video is."""
    from pagereel.build import render
    from pagereel.workers import default_jobs

    results: list[dict[str, Any]] = []
    for source in load(paths, overrides):
        with _progress(source.storyboard.name, form) as progress:
            made = render(source, settings, output, jobs or default_jobs(), progress)
        results.append(dataclasses.asdict(made) | {"video": str(made.video)})
        if form == "text":
            kept = f", {made.beats - made.drawn} beats kept" if made.drawn < made.beats else ""
            print(f"{made.video}: {made.seconds:.1f} s, {made.beats} beats{kept}")
    if form == "json":
        print(json.dumps(results))


def write_storyboard_frames(
    paths: Sequence[Path],
    overrides: Sequence[str],
    settings: Settings,
    options: FrameOptions,
    output: Path,
    jobs: int | None,
    form: str,
) -> None:
    """Write each storyboard's PNGs; print where they are."""
    from pagereel.frames import write_frames
    from pagereel.workers import default_jobs

    results: dict[str, list[str]] = {}
    for source in load(paths, overrides):
        with _progress(source.storyboard.name, form) as progress:
            made = write_frames(source, settings, options, output, jobs or default_jobs(), progress)
        results[source.storyboard.name] = [str(path) for path in made]
        if form == "text":
            print(f"{made[0].parent}: {len(made)} frames and index.json")
    if form == "json":
        print(json.dumps(results))


def frame_height(size: str, settings: Settings) -> int:
    """Rows of `WxH` or `H`. Raises `InputWrong` for a size that is not the aspect's."""
    match = re.fullmatch(r"(?:(\d{1,5})[xX×])?(\d{1,5})", size.strip())
    if match is None:
        raise InputWrong(f"--size {size}: give rows (2160) or columns and rows (3840x2160)")
    height = int(match[2])
    if not 90 <= height <= LARGEST:
        raise InputWrong(f"--size {size}: between 90 and {LARGEST} rows (4K)")
    width = 2 * round(height * settings.canvas.width / settings.canvas.height / 2)
    if match[1] and abs(int(match[1]) - width) > 1:
        raise InputWrong(f"--size {size}: {settings.aspect} with {height} rows is {width}x{height}")
    return height


def print_trace(path: Path, overrides: Sequence[str], form: str) -> None:
    """Every step of the timeline: one JSON document a line, or fixed-width frames."""
    (source,) = load([path], overrides)
    timeline = play(source.storyboard)
    if form == "text":
        from scenes.textframe import frames

        for text in frames(timeline):
            print(text)
        return
    for number, played in enumerate(timeline.beats, 1):
        for step in played.steps:
            print(json.dumps({"beat": number, **_plain(step)}, ensure_ascii=False))


def _plain(value: Any) -> Any:  # noqa: ANN401  # any part of a timeline
    """A frozen state as JSON has it; events and memories say which kind they are."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"is": type(value).__name__, **fields}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def new_storyboard(name: str, folder: Path) -> None:
    """Write the starter under a safe name; what exists already is left alone."""
    try:
        path = folder / f"{safe_name(name)}.yaml"
    except UnsafeName as unsafe:
        raise InputWrong(str(unsafe)) from unsafe
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as opened:
            opened.write(starter(path.stem))
    except FileExistsError:
        raise InputWrong(f"{path} exists already; choose another name") from None
    except OSError as problem:
        raise explain(problem, f"cannot write {path}") from problem
    print(f"{path}: edit it, then `pagereel check {path}` and `pagereel render {path}`")


@contextmanager
def _progress(name: str, form: str) -> Iterator[Progress]:
    """A bar on stderr with the time left, where somebody is watching."""
    if form == "json" or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeRemainingColumn as Left

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Progress(*columns, Left(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
