"""The interactive page: one storyboard as a folder, the course as a site, and what edits it."""
