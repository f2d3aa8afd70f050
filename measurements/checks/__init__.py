"""What a record must survive: every figure is computed again and held against every other."""
