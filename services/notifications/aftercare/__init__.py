"""The aftercare series of a needling session."""
