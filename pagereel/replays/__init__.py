"""Traffic from files through lanes, and what there is to tell of it."""
