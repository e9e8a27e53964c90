"""What is owed for completed sessions that nothing had paid for."""
