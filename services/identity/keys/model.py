"""One key that access tokens are signed with: published first, then used, published until its last token expired."""

import base64
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import new_id
from chassis.tokens import TOKEN_SECONDS
from services.identity.record import Record
from services.identity.vault import Vault

PUBLISHED_BEFORE = timedelta(seconds=60)
"""How long everybody can fetch a new key before the first token is signed with it."""
PUBLISHED_AFTER = timedelta(seconds=TOKEN_SECONDS + 60)
"""How long a key that signs no more is still published: the life of a token, and clocks that differ."""


class SigningKey(Record):
    """An Ed25519 key pair. The private half is sealed, and wiped once it signs no more."""

    __tablename__ = "signing_key"
    __table_args__ = (
        Index(
            "uq_signing_key_newest",
            text("(retires_at IS NULL)"),
            unique=True,
            postgresql_where=text("retires_at IS NULL"),
        ),
        CheckConstraint("retires_at > activates_at", name="is_used_before_it_retires"),
        CheckConstraint("length(public_key) = 32", name="public_key_is_whole"),
    )

    kid: Mapped[UUID] = mapped_column(primary_key=True)
    public_key: Mapped[bytes]
    sealed_private_key: Mapped[bytes | None]
    created_at: Mapped[datetime]
    activates_at: Mapped[datetime]
    retires_at: Mapped[datetime | None]
    """None for the newest key; else the instant at which the next one begins to sign."""

    @classmethod
    def made(cls, vault: Vault, *, at: datetime, activates_at: datetime) -> "SigningKey":
        """A new key pair, its private half sealed."""
        kid, pair = new_id(), Ed25519PrivateKey.generate()
        return cls(
            kid=kid,
            public_key=pair.public_key().public_bytes_raw(),
            sealed_private_key=vault.seal(pair.private_bytes_raw(), about=kid.bytes),
            created_at=at,
            activates_at=activates_at,
            retires_at=None,
        )

    def is_waiting(self, *, at: datetime) -> bool:
        """Published, and not used yet."""
        return at < self.activates_at

    def succeed(self, vault: Vault, *, at: datetime) -> "SigningKey":
        """The next key; this one signs until then."""
        self.retires_at = max(at, self.activates_at) + PUBLISHED_BEFORE
        return SigningKey.made(vault, at=at, activates_at=self.retires_at)

    def private_key(self, vault: Vault) -> Ed25519PrivateKey:
        sealed = self.sealed_private_key or b""
        return Ed25519PrivateKey.from_private_bytes(vault.open(sealed, about=self.kid.bytes))

    @property
    def x(self) -> str:
        """The public key as RFC 8037 writes it."""
        return base64.urlsafe_b64encode(self.public_key).decode().rstrip("=")
