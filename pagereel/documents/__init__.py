"""What `make docs` writes: the reference, made from the code, and the pictures of the pages."""
