"""One visit from the booking to the books, walked over the public HTTP interface of a running system."""
