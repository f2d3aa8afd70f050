"""Every metric of what the latest engine step read from the cache and wrote to it.

Of a lane all its requests together; of a request its own, with its samples or beams. An entry is
the K/V of one token in all layers.
"""

from __future__ import annotations

from model.bandwidth import Movement
from model.metrics import Metric

MOVED: dict[str, Metric[Movement]] = {
    "read": Metric("entries", "cached entries the last step read", lambda at: at.entries_read),
    "written": Metric("entries", "entries the last step wrote", lambda at: at.entries_written),
    "read_bytes": Metric("bytes", "bytes read, all layers", lambda at: at.bytes_read),
    "written_bytes": Metric("bytes", "bytes written, all layers", lambda at: at.bytes_written),
    "layer_read_bytes": Metric("bytes", "bytes read in a layer", lambda at: at.layer_bytes_read),
    "layer_written_bytes": Metric(
        "bytes", "bytes written in a layer", lambda at: at.layer_bytes_written
    ),
}
