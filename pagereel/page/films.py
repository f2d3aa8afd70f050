"""A story's film beside its page, where it was rendered and is still of that story."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

from pagereel.model.core.plain_json import BadJson
from pagereel.outputs.manifest import read_manifest
from pagereel.render.plan import Source
from pagereel.storage.incoming import Unreadable, digest


@dataclass(frozen=True, slots=True)
class Film:
    """A whole video with its captions and its poster, as `pagereel render` has left them."""

    video: Path

    @property
    def files(self) -> tuple[Path, Path, Path]:
        """All that goes along."""
        return self.video, self.video.with_suffix(".vtt"), self.video.with_name("poster.png")

    @property
    def html(self) -> str:
        """How a page in the same folder shows it."""
        video, captions, poster = (escape(file.name) for file in self.files)
        track = f'<track kind="captions" srclang="en" label="English" src="{captions}">'
        return (
            f'<figure><video controls preload="none" poster="{poster}" src="{video}">{track}'
            "</video><figcaption>The same story as a film.</figcaption></figure>\n"
        )


def film_of(source: Source, folder: Path) -> Film | None:
    """The film in `folder / name`; None where there is none of this storyboard as it is now."""
    name = source.storyboard.name
    film = Film(folder / name / f"{name}.mp4")
    try:
        told = read_manifest(film.video.with_name("manifest.json"))
        made = {"file": source.path.name, "sha256": digest(source.path)}
        if told["storyboard"] != {**made, "set": [*source.overrides]} or told["partial"]:
            return None
        kept = [digest(file) == told["files"][file.name]["sha256"] for file in film.files]
    except (Unreadable, BadJson, KeyError, TypeError):
        return None
    return film if all(kept) else None
