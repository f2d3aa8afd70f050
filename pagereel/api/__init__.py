"""pagereel in Python: a storyboard or a replay as an object that one can ask."""
