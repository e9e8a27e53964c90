"""What billing knows of appointments, learnt from booking."""
