"""Passwords: which are fit, how they are hashed (argon2id), and how one is checked without telling anything."""

import asyncio
import unicodedata
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chassis.errors import Refused, Unavailable

LENGTH_MIN = 12
LENGTH_MAX = 128
DIFFERENT_MIN = 5
SLOT_WAIT_SECONDS_MAX = 10.0
WAITING_PER_ADDRESS_MAX = 20
"""More than a clinic's desks sign in within a second or two, and no queue for all others."""


class PasswordUnfit(Refused):
    """A password has 12 to 128 characters, at least five of them different, and does not hold the e-mail address."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password was right, and its new hash if the old one was made more cheaply than we do now."""

    right: bool
    rehashed: str | None = None


def must_be_fit(password: str, *, email: str) -> None:
    """Refuse a password that is too short, too long, or guessed at once."""
    plain = _normal(password)
    if not LENGTH_MIN <= len(plain) <= LENGTH_MAX:
        raise PasswordUnfit(reason="length", length_min=LENGTH_MIN, length_max=LENGTH_MAX)
    if len(set(plain)) < DIFFERENT_MIN:
        raise PasswordUnfit(reason="too_uniform")
    if email.casefold() in plain.casefold() or plain.casefold() in email.casefold():
        raise PasswordUnfit(reason="holds_email")


class Passwords:
    """Hashes and checks, a few at a time and in threads: each takes long and much memory, on purpose."""

    def __init__(self, *, memory_kib: int, passes: int, lanes: int, slots: int) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        self._slots = asyncio.Semaphore(slots)
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def slot(self, *, address: str | None = None) -> AsyncIterator[None]:
        """Our turn to hash; `Unavailable` rather than a queue without end, or one that is all of one address."""
        try:
            with self._queued(address):
                async with asyncio.timeout(SLOT_WAIT_SECONDS_MAX):
                    await self._slots.acquire()
        except TimeoutError as error:
            raise Unavailable from error
        try:
            yield
        finally:
            self._slots.release()

    @contextmanager
    def _queued(self, address: str | None) -> Iterator[None]:
        if address is None:
            yield
            return
        if self._waiting[address] >= WAITING_PER_ADDRESS_MAX:
            raise Unavailable
        self._waiting[address] += 1
        try:
            yield
        finally:
            self._waiting -= Counter([address])  # forgets an address of which nobody waits any more

    async def hash(self, password: str, *, email: str) -> str:
        """The hash of a fit password; `PasswordUnfit` for any other."""
        must_be_fit(password, email=email)
        async with self.slot():
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def verify(self, password_hash: str | None, password: str) -> Verdict:
        """Check a password; None, for somebody unknown, takes as long as any other. Call it inside `slot()`."""
        return await asyncio.to_thread(self._verify, password_hash, _normal(password))

    def _verify(self, password_hash: str | None, password: str) -> Verdict:
        stand_in = self._stand_in
        try:
            self._hasher.verify(password_hash or stand_in, password)
        except (VerificationError, InvalidHashError):
            return Verdict(right=False)
        if password_hash is None:
            return Verdict(right=False)
        stale = self._hasher.check_needs_rehash(password_hash)
        return Verdict(right=True, rehashed=self._hasher.hash(password) if stale else None)

    @cached_property
    def _stand_in(self) -> str:
        """A hash that belongs to nobody, made as all others are."""
        return self._hasher.hash("nobody has this password")


def _normal(password: str) -> str:
    """The same characters typed on different keyboards are the same password (NFKC)."""
    return unicodedata.normalize("NFKC", password)
