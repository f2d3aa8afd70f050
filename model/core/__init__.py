"""The nouns that everything else is said in: requests, events, states, and the seam of a lane."""
