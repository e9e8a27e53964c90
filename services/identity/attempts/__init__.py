"""Failed sign-ins, and how long one waits after too many."""
