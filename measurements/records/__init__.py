"""Records of a run: their form, their seal, and what is computed again from raw samples."""
