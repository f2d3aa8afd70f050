"""A timeline as fixed-width text: what is true, without pixels."""
