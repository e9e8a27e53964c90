"""What identity can be told from outside."""

from typing import Annotated

from pydantic import Field, SecretStr

from chassis.settings import ServiceSettings

Secret = Annotated[SecretStr, Field(min_length=32)]
"""Long enough that nobody guesses it; a short one does not start."""


class IdentitySettings(ServiceSettings):
    """Settings of identity; what is secret has no default."""

    key_encryption_key: Secret
    """Seals the private signing keys in the database, and keys the fingerprints of addresses."""
    key_encryption_keys_before: tuple[Secret, ...] = ()
    """Earlier ones, which still open what they sealed."""
    service_keys: dict[str, Secret] = Field(default_factory=dict)
    """The API key of each service: `{"notifications": "…"}`."""

    password_memory_kib: int = Field(default=65_536, ge=8)
    """Argon2id, the second recommended choice of RFC 9106: 64 MiB, three passes, four lanes."""
    password_passes: int = Field(default=3, ge=1)
    password_lanes: int = Field(default=4, ge=1)
    password_slots: int = Field(default=2, ge=1)
    """Passwords that one process checks at the same time: bounds its memory."""

    sign_in_window_seconds: int = Field(default=900, ge=1)
    sign_in_failures_per_account_at_address_max: int = Field(default=10, ge=1)
    sign_in_failures_per_account_max: int = Field(default=200, ge=1)
    """From all addresses together. Far more, so that a stranger's guesses elsewhere don't keep its owner out."""
    sign_in_failures_per_address_max: int = Field(default=60, ge=1)
    """More than for an account there: all desks of a clinic share one address."""
