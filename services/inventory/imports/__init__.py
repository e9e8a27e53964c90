"""Stock brought over from another system."""
