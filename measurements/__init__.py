"""The real comparison on a real machine: protocol, monitor, engines, records."""
