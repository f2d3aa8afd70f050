"""Commands that answer with numbers and need no storyboard."""
