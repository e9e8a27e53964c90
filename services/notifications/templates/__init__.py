"""What the messages say, in plain words."""
