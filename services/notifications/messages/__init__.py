"""The messages: which are wanted, whether one may go now, and what became of it."""
