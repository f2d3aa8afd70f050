"""The command: reads storyboards, renders them, publishes what comes out."""

__version__ = "0.2.0"
