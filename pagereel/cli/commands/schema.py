"""`pagereel schema`: the JSON Schema of what we read."""

from __future__ import annotations

from typing import Annotated

import typer


def schema(
    record: Annotated[bool, typer.Option("--record", help="That of measurement records.")] = False,
) -> None:
    """Print the JSON Schema of storyboards, for editors."""
    if record:
        from pagereel.measurements.records.record import schema as record_schema

        print(record_schema())
        return
    from pagereel.read import schema_json

    print(schema_json().rstrip("\n"))
