"""Running a plan on this machine: one process a cell, and what the machine has."""
