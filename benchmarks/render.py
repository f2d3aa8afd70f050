"""How fast a render is, as ratios measured in one run: against stock Manim, and against encoding.

    python benchmarks/render.py [STORYBOARD] [--quality final] [--beats N]

(a) our cold render over stock Manim playing the same beats in one scene with its defaults
(b) our cold render over encoding alone: the same frames, already drawn, with the same settings
(c) a render with nothing changed over the cold one
(d) a render with one caption edited over the cold one
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

sys.path.pop(0)  # this folder: model.py in it would hide the package `model`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from pagereel.model.play import play
from pagereel.model.storyboard.storyboard import Storyboard
from pagereel.outputs.video import render
from pagereel.read import read
from pagereel.render.encoding.encode import ClipEncoder
from pagereel.render.plan import Source, plan
from pagereel.render.settings import Settings
from pagereel.render.workers import default_jobs
from pagereel.scenes.clips import clips
from pagereel.scenes.shapes.clip import Clip

TARGETS = {"a": 0.6, "b": 1.5, "c": 0.05, "d": 0.25}


def main() -> None:
    """Measure and print; exits 1 if a ratio misses its target."""
    options = _options()
    source = _source(options)
    settings = Settings(quality=options.quality)
    jobs = default_jobs()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PAGEREEL_CACHE"] = f"{folder}/cache"
        out = Path(folder) / "out"
        cold = _timed(lambda: render(plan(source, settings), out, jobs))
        warm = _timed(lambda: _fresh_process(options, out))
        edited = _timed(lambda: render(plan(_edited(source), settings), out, jobs))
        encoding, plain = _encoding(source.storyboard, settings, jobs)
        stock = _timed(lambda: _stock(options, folder))
    print(f"{source.storyboard.name}, {settings.height}p{settings.rate}, {jobs} jobs")
    print(f"cold render     {cold:7.1f} s")
    print(f"stock Manim     {stock:7.1f} s")
    print(f"encoding alone  {encoding:7.1f} s   ({plain:.1f} s if repeated frames are converted)")
    print(f"nothing changed {warm:7.1f} s   (a whole process)")
    print(f"caption edited  {edited:7.1f} s")
    ratios = {"a": cold / stock, "b": cold / encoding, "c": warm / cold, "d": edited / cold}
    missed = [name for name, ratio in ratios.items() if ratio > TARGETS[name]]
    for name, ratio in ratios.items():
        print(f"({name}) {ratio:.3f}   target {TARGETS[name]}{'   MISSED' * (name in missed)}")
    sys.exit(bool(missed))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    first = Path("storyboards/01-the-quick-brown-fox.yaml")
    parser.add_argument("storyboard", nargs="?", type=Path, default=first)
    parser.add_argument("--quality", default="final", choices=["draft", "slides", "final"])
    parser.add_argument("--beats", type=int, default=0, help="only the first N beats; 0: all")
    parser.add_argument("--stock-into", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stock_into:
        _play_stock(options)
        sys.exit(0)
    return options


def _source(options: argparse.Namespace) -> Source:
    shortened = _shortened(read(options.storyboard), options.beats)
    return Source(options.storyboard, play(shortened))


def _shortened(storyboard: Storyboard, beats: int) -> Storyboard:
    return replace(storyboard, beats=storyboard.beats[: beats or None])


def _edited(source: Source) -> Source:
    """The same with one word more in the caption of the beat in the middle."""
    beats = list(source.storyboard.beats)
    middle = len(beats) // 2
    *before, last = beats[middle].shots
    shots = (*before, replace(last, say=last.say + " Indeed."))
    beats[middle] = replace(beats[middle], shots=shots)
    return replace(source, timeline=play(replace(source.storyboard, beats=tuple(beats))))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _fresh_process(options: argparse.Namespace, out: Path) -> None:
    """The render command again, start of Python included."""
    if options.beats:
        render(plan(_source(options), Settings(quality=options.quality)), out, default_jobs())
        return
    command = [sys.executable, "-m", "pagereel", "render", str(options.storyboard)]
    subprocess.run(
        [*command, "--quality", options.quality, "-o", str(out)], check=True, capture_output=True
    )


def _clips(storyboard: Storyboard, settings: Settings) -> tuple[Clip, ...]:
    return clips(play(storyboard), settings.canvas, settings.colours, settings.rate)


def _encoding(storyboard: Storyboard, settings: Settings, jobs: int) -> tuple[float, float]:
    """Seconds of encoding alone, spread over the jobs: as we do it, and frame by frame."""
    work = [(clip, settings.height) for clip in _clips(storyboard, settings)]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        times = list(pool.map(_encode_alone, work))
    return sum(t for t, _ in times) / jobs, sum(t for _, t in times) / jobs


class _Frames:
    """Keeps the frames of a clip in memory."""

    def __init__(self) -> None:
        self.shown: list[tuple[np.ndarray, int]] = []

    def show(self, pixels: np.ndarray, count: int) -> None:
        self.shown.append((pixels, count))


def _encode_alone(work: tuple[Clip, int]) -> tuple[float, float]:
    from pagereel.scenes.drawing.stage import play_clip

    clip, height = work
    frames = _Frames()
    play_clip(clip, height, frames)
    size = (clip.opening.pixel_width(height), height, clip.rate)
    with tempfile.TemporaryDirectory() as folder:

        def once(counts: Callable[[int], list[int]]) -> float:
            start = time.perf_counter()
            with ClipEncoder(Path(folder) / "clip.mp4", *size) as encoder:
                for pixels, count in frames.shown:
                    for part in counts(count):
                        encoder.show(pixels, part)
            return time.perf_counter() - start

        return once(lambda count: [count]), once(lambda count: [1] * count)


def _stock(options: argparse.Namespace, folder: str) -> None:
    """A process of its own: Manim with its defaults, one scene, one after the other."""
    command = [sys.executable, __file__, str(options.storyboard), "--quality", options.quality]
    command += ["--beats", str(options.beats), "--stock-into", folder]
    subprocess.run(command, check=True, capture_output=True)


def _play_stock(options: argparse.Namespace) -> None:
    """Stock objects, stock animations, stock camera, stock encoder."""
    from manim import FadeIn, FadeOut, ReplacementTransform, Scene, VGroup, VMobject, tempconfig

    from pagereel.scenes.drawing.formulas import typeset
    from pagereel.scenes.drawing.outline import outline
    from pagereel.scenes.drawing.paths import LINE, PIXELS
    from pagereel.scenes.shapes.picture import Picture, Shape

    settings = Settings(quality=options.quality)
    played = _clips(_shortened(read(options.storyboard), options.beats), settings)
    centre = np.array([settings.canvas.width / 2, settings.canvas.height / 2])

    def mobject(shape: Shape) -> VGroup:
        group = VGroup()
        for part in outline(shape, typeset):
            flat = part.curves.reshape(-1, 2) + (part.x, part.y)
            curves = VMobject(stroke_width=part.line * LINE)
            curves.points = np.c_[(flat - centre) * (1 / PIXELS, -1 / PIXELS), np.zeros(len(flat))]
            curves.fill_rgbas, curves.stroke_rgbas = np.array([part.fill]), np.array([part.stroke])
            group.add(curves)
        return group

    class Stock(Scene):
        def construct(self) -> None:
            shown = {shape.key: (shape, mobject(shape)) for shape in played[0].opening.shapes}
            self.add(*(drawn for _, drawn in shown.values()))
            for clip in played:
                for leg in clip.legs:
                    shown = self.move(shown, leg.picture, leg.motion / clip.rate)
                    self.wait(leg.rest / clip.rate)

        def move(self, shown: dict, picture: Picture, seconds: float) -> dict:
            found, animations = {}, []
            for shape in picture.shapes:
                before = shown.pop(shape.key, None)
                if before and before[0] == shape:
                    found[shape.key] = before
                    continue
                drawn = mobject(shape)
                found[shape.key] = (shape, drawn)
                same = before and len(before[1]) == len(drawn)
                animations.append(ReplacementTransform(before[1], drawn) if same else FadeIn(drawn))
                if before and not same:
                    animations.append(FadeOut(before[1]))
            animations += [FadeOut(drawn) for _, drawn in shown.values()]
            if animations and seconds:
                self.play(*animations, run_time=seconds)
            return found

    height = settings.height
    with tempconfig(
        {
            "pixel_height": height,
            "pixel_width": played[0].opening.pixel_width(height),
            "frame_rate": settings.rate,
            "frame_width": settings.canvas.width / PIXELS,
            "frame_height": settings.canvas.height / PIXELS,
            "media_dir": options.stock_into,
        }
    ):
        Stock().render()
    shutil.rmtree(Path(options.stock_into) / "videos", ignore_errors=True)


if __name__ == "__main__":
    main()
