"""What became of each imported row."""

from dataclasses import dataclass
from enum import StrEnum

from chassis.errors import DomainError, Refused


class Outcome(StrEnum):
    CREATED = "created"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class Unfit(Refused):
    """This row can't be taken over."""


@dataclass(frozen=True, slots=True)
class RowResult:
    external_id: str
    outcome: Outcome
    reason: str | None = None
    """Why it was rejected."""
    remark: str | None = None
    """What was assumed of a row that went in."""

    @classmethod
    def rejected(cls, external_id: str, error: DomainError) -> "RowResult":
        """Why it did not go in, in words for the person who sent it."""
        return cls(external_id, Outcome.REJECTED, str(error.fields.get("reason", error.message())))
