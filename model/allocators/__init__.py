"""The engines, each with its scheduler and its memory, and the one list of their kinds."""
