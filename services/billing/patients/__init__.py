"""What a patient has prepaid, owes and paid, on one page."""
