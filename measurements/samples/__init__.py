"""Raw samples while an engine runs: the clock, the memory, and how columns are packed."""
