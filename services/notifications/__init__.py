"""What patients are told and when, and who should come again."""
