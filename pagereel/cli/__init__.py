"""The command line: one module a command, signature and body together."""
