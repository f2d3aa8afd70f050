"""What a model needs of real GPUs: its files are found and read, and the answer is told."""
