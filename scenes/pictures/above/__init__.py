"""Panels over the lanes, by the names that `above:` takes, and their parts."""
