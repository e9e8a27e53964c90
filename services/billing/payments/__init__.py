"""Money that came in, by cash or card terminal."""
