"""One module a command: what it does between its arguments and its output."""
