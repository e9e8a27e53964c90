"""Deliveries put on the shelf."""
