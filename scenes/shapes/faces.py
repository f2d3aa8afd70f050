"""The measures of the two type families, as data: advance widths and kerning of each face."""
