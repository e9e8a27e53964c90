"""Commands that may be sent twice: the same Idempotency-Key gets the first answer again (BK-19, I16)."""

import hashlib
import json
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
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis import straight
from chassis.context import Context
from chassis.db import Tx
from chassis.errors import KeyReused
from chassis.inline import inline
from chassis.outbox import TABLES

ANSWERS = Table(
    "answer",
    TABLES,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger),
    Column("body", JSONB),
    Column("content", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_answer_created_at", "created_at"),
)
"""`content` is the answer as it was sent; `body`, which has lost the order, is for replicas of the release before."""

_CLAIM = "INSERT INTO answer (actor, key, request_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING key"
_KEPT = "SELECT request_hash, status, content, body FROM answer WHERE actor = $1 AND key = $2"
_KEEP = "UPDATE answer SET status = $3, content = $4, body = $5::jsonb WHERE actor = $1 AND key = $2"

_Kept = tuple[int, str | None, str | None]
"""Status, content and body of an answer."""

NO_CONTENT = 204
Answer = TypeVar("Answer", bound=BaseModel | None)


class AlreadyAnswered(Exception):
    """This command was carried out before; its stored answer goes out again."""

    def __init__(self, status: int, content: str | None) -> None:
        super().__init__(status)
        self.status = status
        self.content = content


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
        self._answer = _kept(None, NO_CONTENT)
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
                await straight.fetch(tx, _KEEP, self._actor, self._key, *self._answer)

    async def must_be_new(self, *, hash_key: bytes = b"") -> None:
        """Raise `AlreadyAnswered` before work that fails the second time, such as proving what it replaces."""
        self._hash_key = hash_key
        if self._key is not None:
            async with self.context.db.reading() as tx:
                await self._answer_again(tx, await self._digest())

    def answer(self, body: Answer, *, status: int = 200) -> Answer:
        """Keep what is about to be answered, beside the change, and hand it back."""
        if self._key is not None:
            self._answer = _kept(body, status)
        return body

    async def _claim(self, tx: Tx) -> None:
        digest = await self._digest()
        if not await straight.fetch(tx, _CLAIM, self._actor, self._key, digest):
            await self._answer_again(tx, digest)

    async def _answer_again(self, tx: Tx, digest: bytes) -> None:
        for request_hash, status, content, body in await straight.fetch(tx, _KEPT, self._actor, self._key):
            if bytes(request_hash) != digest:
                raise KeyReused
            raise AlreadyAnswered(status, _content(content, body))

    async def _digest(self) -> bytes:
        request = self._request
        told = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
        return hashlib.blake2b(told + await request.body(), key=self._hash_key, digest_size=32).digest()

    @property
    def _actor(self) -> str:
        caller = getattr(self._request.state, "caller", None)
        return f"{caller.kind}:{caller.id}" if caller else "anonymous"


def _kept(body: BaseModel | None, status: int) -> _Kept:
    """An answer as it goes out: FastAPI writes a model the same way."""
    if body is None:
        return status, None if status == NO_CONTENT else "null", None
    content = body.model_dump_json(by_alias=True)
    return status, content, content


def _content(content: str | None, body: Any) -> str | None:
    if content is None and body is not None:  # by a replica of the release before
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return content


Commanded = Annotated[Command, Depends(inline(Command))]
"""Put this on every route that changes something."""
