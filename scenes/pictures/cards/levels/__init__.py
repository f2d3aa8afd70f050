"""The card `levels`: a camera goes from the GPU into one vector, and back."""
