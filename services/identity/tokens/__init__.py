"""Short access tokens for people, scripts and services."""
