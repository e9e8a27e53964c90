"""What each session used, and where that does not match the books."""
