"""Somebody's presence at the web front end, known only by the hash of its secret."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import Unauthenticated
from contracts.values import StaffId
from services.identity.record import Record

IDLE = timedelta(minutes=30)
LIFE = timedelta(hours=12)
"""A session ends this long after it was opened, however busy it is (ASVS 7.3)."""
SECRET_BYTES = 32


class SessionEnded(Unauthenticated):
    """Your session has ended. Sign in again."""


class Session(Record):
    """Only the SHA-256 of the secret is kept: whoever reads this table can't use it."""

    __tablename__ = "session"
    __table_args__ = (
        Index("ix_session_closes_at", "closes_at"),
        CheckConstraint("length(secret_hash) = 32", name="secret_hash_is_whole"),
        CheckConstraint("closes_at > opened_at", name="closes_after_it_opens"),
    )

    secret_hash: Mapped[bytes] = mapped_column(primary_key=True)
    staff_id: Mapped[StaffId] = mapped_column(ForeignKey("staff.id"))
    credential_version: Mapped[int]
    """The credentials it was opened with; other ones now mean that it is over."""
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @classmethod
    def opened(cls, secret: str, *, staff_id: StaffId, credential_version: int, at: datetime) -> "Session":
        return cls(
            secret_hash=hash_of(secret),
            staff_id=staff_id,
            credential_version=credential_version,
            opened_at=at,
            seen_at=at,
            closes_at=at + LIFE,
            ended_at=None,
        )

    @property
    def expires_at(self) -> datetime:
        """When it ends if nothing more is heard of it."""
        return min(self.seen_at + IDLE, self.closes_at)

    def refresh(self, *, credential_version: int, at: datetime, attended: bool = True) -> None:
        """Somebody is still there: half an hour more, but never beyond the end of its life.

        A page that looks again by itself shows that it is open, not that anybody sits before it.
        """
        if self.ended_at is not None or at >= self.expires_at or credential_version != self.credential_version:
            raise SessionEnded
        if attended:
            self.seen_at = max(self.seen_at, at)

    def end(self, *, at: datetime) -> None:
        """They signed out; the second time changes nothing."""
        self.ended_at = self.ended_at or at


def new_secret() -> str:
    """256 bits that only the browser keeps."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
