"""Pictures and clips as plain data, and the arithmetic that every painter shares."""
