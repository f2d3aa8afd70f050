"""What captions, claims and panels may ask of a timeline, by name."""
