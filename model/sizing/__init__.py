"""What a model needs of a GPU: its configuration read, its weights counted, its K/V sized."""
