"""What may be done with a session."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from chassis.db import Tx
from services.identity.sessions.model import Session, SessionEnded, hash_of, new_secret
from services.identity.staff import queries
from services.identity.staff.model import Staff
from services.identity.staff.queries import Person

KEPT_AFTER_END = timedelta(days=1)


async def start(tx: Tx, person: Person, *, at: datetime) -> tuple[str, Session]:
    """A new session, and its secret, which nobody can read again."""
    secret, staff = new_secret(), person.staff
    session = Session.opened(secret, staff_id=staff.id, credential_version=staff.credential_version, at=at)
    tx.add(session)
    return secret, session


async def refresh(tx: Tx, secret: str, *, at: datetime, attended: bool = True) -> tuple[Session, Person]:
    """Go on with a session; `SessionEnded` for one that is over or never was."""
    mine = select(Session, Staff).join(Staff).where(Session.secret_hash == hash_of(secret))
    row = (await tx.execute(mine.with_for_update(of=Session, key_share=True))).one_or_none()
    if row is None:
        raise SessionEnded
    session, staff = row
    if not staff.active:
        raise SessionEnded
    session.refresh(credential_version=staff.credential_version, at=at, attended=attended)
    return session, (await queries.with_grants(tx, [staff]))[0]


async def end(tx: Tx, secret: str, *, at: datetime) -> None:
    """Sign out; of a session that is not there, too."""
    session = await tx.get(Session, hash_of(secret), with_for_update=True)
    if session is not None:
        session.end(at=at)


async def forget_old(tx: Tx, *, at: datetime) -> int:
    """Remove sessions that have long been over."""
    gone = await tx.execute(
        delete(Session).where(Session.closes_at < at - KEPT_AFTER_END).returning(Session.secret_hash)
    )
    return len(gone.all())
