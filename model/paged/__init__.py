"""Paged allocation: equal blocks, a free queue, and a block table for each sequence."""
