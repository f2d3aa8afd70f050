"""What a storyboard is in memory: its words, verbs, cards and beats, and what playing it yields."""
