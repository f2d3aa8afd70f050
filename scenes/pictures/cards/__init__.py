"""Cards that fill the frame, by the names that `card:` takes, and their parts."""
