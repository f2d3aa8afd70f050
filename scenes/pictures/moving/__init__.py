"""What moves from picture to picture and why: origins, cuts, the camera, causes."""
