"""Pure layout, one module a panel: a step of a timeline becomes keyed shapes."""
