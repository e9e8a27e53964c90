"""The services: each owns one database and tells the others facts."""
