"""Lots on shelves: levels, movements, and which lot goes first."""
