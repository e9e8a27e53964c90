"""The other services, and how they prove who they are."""
