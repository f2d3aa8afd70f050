"""Pictures of a timeline, and the one Manim stage that draws them."""
