"""From a timeline to clips that are drawn: settings, faults, plans, and worker processes."""
