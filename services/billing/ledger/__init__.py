"""The double-entry books, per legal entity, append-only."""
