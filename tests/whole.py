"""Whether a file is whole: read to its end by a reader of its kind."""

import json
import zipfile
from xml.etree import ElementTree

import av
from PIL import Image


def is_whole(path):
    """Read the file to its end, as its kind is read. Raises whatever the reader does."""
    match path.suffix:
        case ".mp4" | ".webm":
            with av.open(str(path)) as opened:
                assert sum(1 for _ in opened.decode(video=0)) > 10
        case ".gif":
            with Image.open(path) as opened:
                opened.seek(opened.n_frames - 1)
        case ".png":
            with Image.open(path) as opened:
                opened.load()
        case ".pptx":
            with zipfile.ZipFile(path) as packed:
                assert packed.testzip() is None
        case ".pdf":
            assert path.read_bytes().rstrip().endswith(b"%%EOF")
        case ".svg":
            ElementTree.parse(path)
        case ".json":
            about = json.loads(path.read_text("utf-8"))
            for name, made in about.get("files", {}).items():
                assert (path.parent / name).stat().st_size == made["bytes"]
        case ".srt" | ".vtt":
            assert path.read_text("utf-8").strip()
        case _:
            raise AssertionError(f"what is {path}?")
