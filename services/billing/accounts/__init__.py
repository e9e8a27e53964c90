"""One row per patient: the lock on everything that patient has prepaid."""
