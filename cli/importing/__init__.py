"""Brings the export of any other system in: reads it, maps it, sends it, keeps what was rejected."""
