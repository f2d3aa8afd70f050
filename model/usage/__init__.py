"""What memory and steps come to: where every slot is, what was counted, and the laws that hold."""
