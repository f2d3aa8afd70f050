"""The Manim stage: one scene class that plays any clip. The only user of Manim."""

from scenes.stage.playing import Pixels, Sink, draw_picture, play_clip

__all__ = ["Pixels", "Sink", "draw_picture", "play_clip"]
