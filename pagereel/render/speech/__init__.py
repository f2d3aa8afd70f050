"""What is said and when: voices, the sound of a beat, captions as text with times."""
