"""What billing knows of places and treatments, learnt from booking."""
