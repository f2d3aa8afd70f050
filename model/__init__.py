"""The exact state of KV-cache allocators, step by step. Standard library only."""
