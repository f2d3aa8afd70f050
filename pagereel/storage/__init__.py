"""Files that come in guarded and go out whole, the workshops between, and the cache of clips."""
