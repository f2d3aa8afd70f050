"""The preview: a storyboard in a browser, the moment it is saved."""
