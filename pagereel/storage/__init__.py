"""Files that come and go whole: the cache of finished clips, and publishing."""
