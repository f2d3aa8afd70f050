"""What is shown in a browser: pages, a difference, and a storyboard while it is written."""
