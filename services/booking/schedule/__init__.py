"""Time and occupancy: wall time, hours, segments, claims and free starts."""
