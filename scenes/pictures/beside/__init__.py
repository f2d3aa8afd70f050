"""Panels beside the lanes, by the names that `beside:` takes, and their parts."""
