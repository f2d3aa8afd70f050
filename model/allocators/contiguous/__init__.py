"""Contiguous allocation: every request owns one region for its whole life."""
