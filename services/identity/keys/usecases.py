"""How signing keys come, are used, and go."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select, update

from chassis.db import Tx
from services.identity.keys.model import PUBLISHED_AFTER, SigningKey
from services.identity.turns import take_turn
from services.identity.vault import Vault

SIGNING_KEYS = "signing keys"


async def signing(tx: Tx, vault: Vault, *, at: datetime) -> SigningKey:
    """The key to sign with now; the very first one is made here."""
    return await tx.scalar(_in_use(at)) or await _first(tx, vault, at=at)


async def published(tx: Tx, *, at: datetime) -> Sequence[SigningKey]:
    """Every key that a token in somebody's hands may be signed with, and the one that comes next."""
    lives = or_(SigningKey.retires_at.is_(None), SigningKey.retires_at > at - PUBLISHED_AFTER)
    return (await tx.scalars(select(SigningKey).where(lives).order_by(SigningKey.activates_at))).all()


async def rotate(tx: Tx, vault: Vault, *, at: datetime) -> SigningKey:
    """Publish the next key; it signs a minute later. Asked again meanwhile, it is the same next key."""
    newest = await _first(tx, vault, at=at)
    if newest.is_waiting(at=at):
        return newest
    following = newest.succeed(vault, at=at)
    await tx.flush()  # the old one must have an end before the new one has none
    tx.add(following)
    return following


async def wipe_retired(tx: Tx, *, at: datetime) -> int:
    """Forget the private half of keys that sign no more."""
    wiped = await tx.execute(
        update(SigningKey)
        .where(SigningKey.retires_at <= at, SigningKey.sealed_private_key.is_not(None))
        .values(sealed_private_key=None)
        .returning(SigningKey.kid)
    )
    return len(wiped.all())


def _in_use(at: datetime) -> Select[SigningKey]:
    """A key signs until it retires, which is when the next begins: the oldest that hasn't retired signs."""
    unretired = or_(SigningKey.retires_at.is_(None), SigningKey.retires_at > at)
    return select(SigningKey).where(unretired).order_by(SigningKey.activates_at).limit(1)


async def _first(tx: Tx, vault: Vault, *, at: datetime) -> SigningKey:
    """The newest key, held against others who would rotate; made if there is none."""
    await take_turn(tx, SIGNING_KEYS)
    newest = await tx.scalar(select(SigningKey).where(SigningKey.retires_at.is_(None)))
    if newest is None:
        newest = SigningKey.made(vault, at=at, activates_at=at)
        tx.add(newest)
        await tx.flush()
    return newest
