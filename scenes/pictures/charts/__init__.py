"""Charts of what was measured, and what all charts share: axes, rows, legends."""
