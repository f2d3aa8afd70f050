"""The command: reads storyboards, renders them, publishes what comes out."""
