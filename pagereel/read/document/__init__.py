"""A YAML file as nodes that know their place, and problems that point at it."""
