"""Closing what does not match: by the delivery that explains it, or by somebody who looked into it."""
