"""The people who are treated; nobody outside booking keeps their names."""
