"""Treatments on offer and the segments a visit is made of."""
