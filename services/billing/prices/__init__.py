"""List prices per treatment and location."""
