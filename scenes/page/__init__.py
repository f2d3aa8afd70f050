"""A played storyboard as a page's data; a browser's own Python makes the same."""
