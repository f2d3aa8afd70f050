"""What the allocator model says of a measured cell, and of vLLM's recorded block tables."""
