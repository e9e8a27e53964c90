"""A sign-in that failed, or that isn't decided yet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import TooMany
from services.identity.record import Record


class TooManySignIns(TooMany):
    """Too many sign-ins have failed. Wait as long as `retry_after_seconds` says, then try again."""


class Attempt(Record):
    """Account and address are fingerprints: people also type passwords into the field for the e-mail address."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_account_at", "account", "at"),
        Index("ix_sign_in_attempt_address_at", "address", "at"),
        Index("ix_sign_in_attempt_at", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account: Mapped[bytes]
    address: Mapped[bytes]
    at: Mapped[datetime]
