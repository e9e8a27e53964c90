"""Commands that may be sent twice: the same Idempotency-Key gets the first answer again (BK-19, I16)."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import (
    Column,
    DateTime,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from chassis.context import Context
from chassis.db import Tx
from chassis.errors import KeyReused
from chassis.outbox import TABLES

ANSWERS = Table(
    "answer",
    TABLES,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger),
    Column("body", JSONB),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_answer_created_at", "created_at"),
)

_CLAIM = insert(ANSWERS).on_conflict_do_nothing().returning(ANSWERS.c.key)
_MINE = (ANSWERS.c.actor == bindparam("by"), ANSWERS.c.key == bindparam("under"))
_KEPT = select(ANSWERS.c.request_hash, ANSWERS.c.status, ANSWERS.c.body).where(*_MINE)
_KEEP = update(ANSWERS).where(*_MINE)

Answer = TypeVar("Answer", bound=BaseModel | None)


class AlreadyAnswered(Exception):
    """This command was carried out before; its stored answer goes out again."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


Key = Annotated[
    str | None,
    Header(
        min_length=8,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key gets the same answer, without doing it twice. Kept for 24 hours or more.",
        examples=["0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"],
    ),
]


class Command:
    """A request that changes something. Its transaction also keeps the answer, if the client sent a key."""

    refuses = (KeyReused,)

    def __init__(self, request: Request, idempotency_key: Key = None) -> None:
        self._request = request
        self._key = idempotency_key
        self._answer: tuple[int, Any] = (204, None)
        self._hash_key = b""
        self.context: Context = request.app.state.context

    @asynccontextmanager
    async def transaction(self, *, hash_key: bytes = b"") -> AsyncIterator[Tx]:
        """The door's transaction; raises `AlreadyAnswered` when this key was used for the same request before.

        A request that holds a password gives a secret `hash_key` (64 bytes at most): the plain hash that is kept
        of it would let whoever reads the table try passwords as fast as hashing goes.
        """
        self._hash_key = hash_key
        async with self.context.db.transaction() as tx:
            if self._key is not None:
                await self._claim(tx)
            yield tx
            if self._key is not None:
                status, body = self._answer
                connection = await tx.connection()
                await connection.execute(_KEEP, {**self._mine(), "status": status, "body": body})

    def answer(self, body: Answer, *, status: int = 200) -> Answer:
        """Keep what is about to be answered, beside the change, and hand it back."""
        self._answer = (status, body.model_dump(mode="json") if body is not None else None)
        return body

    async def _claim(self, tx: Tx) -> None:
        digest = await self._digest()
        row = {"actor": self._actor, "key": self._key, "request_hash": digest}
        connection = await tx.connection()
        if (await connection.execute(_CLAIM, row)).first() is not None:
            return
        kept = (await connection.execute(_KEPT, self._mine())).one()
        if bytes(kept.request_hash) != digest:
            raise KeyReused
        raise AlreadyAnswered(kept.status, kept.body)

    async def _digest(self) -> bytes:
        request = self._request
        told = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
        return hashlib.blake2b(told + await request.body(), key=self._hash_key, digest_size=32).digest()

    def _mine(self) -> dict[str, str | None]:
        return {"by": self._actor, "under": self._key}

    @property
    def _actor(self) -> str:
        caller = getattr(self._request.state, "caller", None)
        return f"{caller.kind}:{caller.id}" if caller else "anonymous"


Commanded = Annotated[Command, Depends()]
"""Put this on every route that changes something."""
