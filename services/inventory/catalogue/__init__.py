"""Locations and treatments, as booking told of them."""
