"""How any service runs: HTTP, database, outbox, inbox, bus, clock, log. No business word lives here."""
