"""Recalls: when a patient should come again, as long as nothing is booked."""
