"""What was done at a visit: signed once, never changed."""
