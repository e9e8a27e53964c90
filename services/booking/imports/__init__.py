"""Patients and visits taken over from another system."""
