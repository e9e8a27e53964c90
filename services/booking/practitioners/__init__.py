"""The people who treat: where, with which credentials, on which shifts."""
