"""One log through lanes in many settings: every combination is a replay, and a row."""
