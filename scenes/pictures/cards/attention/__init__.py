"""One decode step as attention has it: the query, the blocks, their keys, and the mix."""
