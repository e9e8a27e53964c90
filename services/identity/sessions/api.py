"""The door of the web front end: sign in, go on, sign out. No answer of these is ever stored: it holds a secret."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.fields import YesNo
from chassis.http import Db, Now, refuses, router
from chassis.tokens import TOKEN_SECONDS
from services.identity.attempts.model import TooManySignIns
from services.identity.doors import InVault
from services.identity.sessions import usecases
from services.identity.sessions.model import SessionEnded
from services.identity.sign_in import AtGate, Credentials, WrongCredentials
from services.identity.staff.api import StaffOut
from services.identity.tokens import usecases as tokens

api = router("/sessions", tag="sessions")

Secret = Annotated[
    str,
    Field(
        min_length=20,
        max_length=100,
        pattern=r"^[A-Za-z0-9_-]+$",
        examples=["Yk1XkLkPZbCqj1n8m9xq2f0s1w3e5r7t9y1u3i5o7p9"],
    ),
]


class SessionIn(BaseModel):
    """A session, named by its secret."""

    model_config = ConfigDict(extra="forbid")

    session: Secret


class StillThere(SessionIn):
    """A session that is to go on."""

    attended: YesNo = Field(
        default=True, description="False for what a page asks by itself: then the session ends as if nothing was asked."
    )


class SessionOut(BaseModel):
    """A session that has just been opened; its secret is told this once."""

    session: str
    expires_at: datetime
    staff: StaffOut


class Refreshed(BaseModel):
    """An access token for somebody who is still there."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int = Field(examples=[TOKEN_SECONDS])
    expires_at: datetime
    """When the session ends if nothing more is heard of it."""
    staff: StaffOut


@api.post("", status_code=201, responses=refuses(WrongCredentials, TooManySignIns))
async def open_session(credentials: Credentials, gate: AtGate) -> SessionOut:
    """Sign in."""
    proof = await gate.prove(credentials.email, credentials.password)
    async with gate.db.transaction() as tx:
        person = await proof.person(tx)
        secret, session = await usecases.start(tx, person, at=gate.at)
    return SessionOut(session=secret, expires_at=session.expires_at, staff=StaffOut.of(person))


@api.post("/refresh", responses=refuses(SessionEnded))
async def refresh_session(asked: StillThere, db: Db, now: Now, vault: InVault) -> Refreshed:
    """Stay signed in: half an hour more, and a fresh access token with the roles of this moment."""
    at = now.now()
    async with db.transaction() as tx:
        session, person = await usecases.refresh(tx, asked.session, at=at, attended=asked.attended)
        token = await tokens.for_person(tx, vault, person, at=at)
    return Refreshed(
        access_token=token,
        expires_in=TOKEN_SECONDS,
        expires_at=session.expires_at,
        staff=StaffOut.of(person),
    )


@api.post("/end", status_code=204)
async def end_session(asked: SessionIn, db: Db, now: Now) -> None:
    """Sign out; of a session that has ended already, too."""
    async with db.transaction() as tx:
        await usecases.end(tx, asked.session, at=now.now())
