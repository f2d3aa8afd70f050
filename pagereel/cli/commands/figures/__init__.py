"""Commands that answer with figures and need no storyboard."""
