"""Hears everything: one causal timeline of what happened, and what should have followed but did not."""
