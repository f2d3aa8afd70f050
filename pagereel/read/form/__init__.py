"""The storyboard file form: every key, its type and limits, and what is said of a breach."""
