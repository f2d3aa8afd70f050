"""The one Manim stage, outlines and formulas: all that needs more than the standard library."""
