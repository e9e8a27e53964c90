"""Sessions whose money, stock, aftercare or recall did not follow."""
