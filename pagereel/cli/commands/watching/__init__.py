"""The commands about an engine that runs: record what its scheduler does, and ask why."""
