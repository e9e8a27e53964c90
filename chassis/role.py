"""What one process does of its service's work; any number of each may run."""

from enum import StrEnum


class Role(StrEnum):
    API = "api"
    """Answers HTTP."""
    WORKER = "worker"
    """Relays, listens and keeps the clock; answers /live, /ready and /metrics."""
    BOTH = "both"
    MIGRATE = "migrate"
    """Brings the database to the newest schema, and ends."""

    @property
    def answers(self) -> bool:
        return self in (Role.API, Role.BOTH)

    @property
    def works(self) -> bool:
        return self in (Role.WORKER, Role.BOTH)
