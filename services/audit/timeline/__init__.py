"""The record of every fact, and how it is read."""
