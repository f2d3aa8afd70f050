"""Frames become video: formats and their encoders. Part of what every cached clip depends on."""
