"""The lanes: each card with its memory, slot by slot or as a field."""
