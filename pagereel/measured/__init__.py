"""Measurement records become charts: their numbers, their sentences, and where they come from."""
