"""The preview: a storyboard's pictures in a browser, the moment it is saved."""
