"""The engines for a GPU host without a network: made here in parts, unpacked and tried there."""
