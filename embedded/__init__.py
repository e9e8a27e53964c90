"""The whole chain of clinics in one process: embedded PostgreSQL, local carrier, web front end, demo data."""
