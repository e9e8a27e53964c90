"""Members of staff and what they may do where."""
