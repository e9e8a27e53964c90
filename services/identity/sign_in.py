"""Proving who one is with e-mail and password: count the try, check, and only then let in.

Three transactions, because a failed try must stay counted although its request fails, and because no connection
is held while a password is hashed. Counted before the queue for hashing: what is slowed down does not stand in it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from chassis import text
from chassis.db import Database, Tx
from chassis.errors import Unauthenticated, Unavailable
from chassis.fields import ANY_TEXT, Words
from chassis.http import Db, Now
from services.identity.attempts import usecases as attempts
from services.identity.attempts.throttle import Limits
from services.identity.doors import InPasswords, InSettings, InVault, Origin
from services.identity.staff import queries
from services.identity.staff.passwords import Passwords
from services.identity.staff.queries import Person
from services.identity.vault import Vault

PASSWORD_LENGTH_MAX = 512
"""More than a password may have, so that an unfit one is refused as such; less than a way to keep us busy."""


class WrongCredentials(Unauthenticated):
    """E-mail address and password do not fit together."""


class Credentials(BaseModel):
    """What somebody signs in with."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, Words(text.one_line, most=254)] = Field(examples=["ada@needlepoint.example"])
    password: SecretStr = Field(
        min_length=1,
        max_length=PASSWORD_LENGTH_MAX,
        examples=["correct horse battery staple"],
        json_schema_extra=ANY_TEXT,
    )


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody's password was right; `person` turns it into them, inside the door's transaction."""

    staff_id: UUID
    credential_version: int
    password_hash: str
    rehashed: str | None
    attempt_id: UUID

    async def person(self, tx: Tx) -> Person:
        """Who it was, if nothing about them changed meanwhile; the try is forgiven."""
        found = await queries.person(tx, self.staff_id, lock=True)
        if not found.staff.active or found.staff.credential_version != self.credential_version:
            raise WrongCredentials
        await attempts.forgive(tx, self.attempt_id)
        if self.rehashed and found.staff.password_hash == self.password_hash:
            found.staff.password_hash = self.rehashed
        return found


@dataclass(frozen=True, slots=True)
class Gate:
    """Where one request proves a password."""

    db: Database
    vault: Vault
    passwords: Passwords
    limits: Limits
    origin: str
    at: datetime

    async def prove(self, email: str, password: SecretStr) -> Proof:
        """`WrongCredentials` alike for an unknown e-mail address, a disabled account and a wrong password."""
        attempt_id = await self._count(email)
        try:
            async with self.passwords.slot(address=self.origin):
                async with self.db.reading() as tx:
                    staff = await queries.with_email(tx, email)
                password_hash = staff.password_hash if staff else None
                verdict = await self.passwords.verify(password_hash, password.get_secret_value())
        except Unavailable:
            await self._forgive(attempt_id)
            raise
        if staff is None or not verdict.right or not staff.active:
            raise WrongCredentials
        return Proof(staff.id, staff.credential_version, staff.password_hash, verdict.rehashed, attempt_id)

    async def _count(self, email: str) -> UUID:
        account = self.vault.fingerprint("account", email.strip().lower())
        address = self.vault.fingerprint("address", self.origin)
        async with self.db.transaction() as tx:
            return await attempts.begin(tx, account=account, address=address, limits=self.limits, at=self.at)

    async def _forgive(self, attempt_id: UUID) -> None:
        """Nobody looked at the password, so it was not a wrong one."""
        async with self.db.transaction() as tx:
            await attempts.forgive(tx, attempt_id)


async def _gate(
    db: Db, now: Now, settings: InSettings, *, vault: InVault, passwords: InPasswords, origin: Origin
) -> Gate:
    limits = Limits(
        window=timedelta(seconds=settings.sign_in_window_seconds),
        per_account_at_address=settings.sign_in_failures_per_account_at_address_max,
        per_account=settings.sign_in_failures_per_account_max,
        per_address=settings.sign_in_failures_per_address_max,
    )
    return Gate(db, vault, passwords, limits, origin, now.now())


AtGate = Annotated[Gate, Depends(_gate)]
