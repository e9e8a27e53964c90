"""What became of each completed session: redeemed, invoiced or waived, exactly once."""
