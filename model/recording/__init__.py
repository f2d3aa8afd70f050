"""Recordings: what lanes once were, kept to be shown again.

A recording has three parts, and every lane of it is of one of two origins:

- the `Log`: where the requests came from, whom to cite, how long a step was assumed to be;
- each `RecordedRequest` that appears in it, by name, lengths and arrival, with its tokens if
  these are known;
- a `RecordedRun` for each lane: what was recorded (and on which machine, if it was measured), the
  state it starts in, a `RecordedStep` for every kept step, and of a replay the numbers of every
  step and the `ReplaySums`.

Two forms of it are read, both gzip over JSON lines, by one reader (`read.read_recording`):

- what `pagereel replay --record` writes (`write`), for any lanes and every n-th step:

      {"recording": 1, "log": {...}, "memory": {...}, "stretch": {...}, "requests": {columns}}
      {"lane": 0, "kind": ..., "replay": {sums}, "numbers": {columns}, "start": {...}}
      {"lane": 0, "step": 50, "running": [...], "tables": [...], ...}      one line a kept step
      {"end": {"lines": ..., "sha256": ...}}                               of all lines before

- the trace of real vLLM that `pagereel measure` writes (`traces`): one line an engine step, both
  of its halves. Machine and versions stand in the measurement record beside it.

Files are not trusted. Whatever a line says is checked for its form, its size and its place, and
every state must obey the laws of `usage.laws`; the first thing that is wrong is a `BadRecording`.
Requests are numbered in their columns, and lines name them by their numbers.

`allocators.recorded.RecordedLane` plays a `RecordedRun` as any other lane; it obeys nobody. Nothing
here opens a file.
"""
