"""How another service proves who it is."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import Unauthenticated
from services.identity.record import Record


class WrongServiceKey(Unauthenticated):
    """No service has this key. Compare the service's key with the one in identity's settings."""


class ServiceKey(Record):
    """The hash of one service's API key; a key is random and long, so a plain hash keeps it."""

    __tablename__ = "service_key"
    __table_args__ = (CheckConstraint("length(key_hash) = 32", name="key_hash_is_whole"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(unique=True)
    key_hash: Mapped[bytes]
    changed_at: Mapped[datetime]


def hash_of(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
