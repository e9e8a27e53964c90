"""One at a time, across all replicas: for rules that no single row can hold."""

import hashlib

from sqlalchemy import func, select

from chassis.db import Tx


async def take_turn(tx: Tx, *subjects: str | bytes) -> None:
    """Wait until nobody else is at any of these subjects; ours until the transaction ends.

    Locks are taken in the order of their numbers, so that two callers never wait for each other.
    """
    for number in sorted({_number(subject) for subject in subjects}):
        await tx.execute(select(func.pg_advisory_xact_lock(number)))


def _number(subject: str | bytes) -> int:
    told = subject if isinstance(subject, bytes) else subject.encode()
    return int.from_bytes(hashlib.sha256(told).digest()[:8], signed=True)
