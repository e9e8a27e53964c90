"""Clinics: their zone, opening hours, rooms and devices."""
