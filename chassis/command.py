"""Commands that may be sent twice: the same Idempotency-Key gets the first answer again (BK-19, I16)."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import Column, DateTime, Index, LargeBinary, SmallInteger, Table, Text, func, select, update
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

Answer = TypeVar("Answer", bound=BaseModel | None)


class AlreadyAnswered(Exception):
    """This command was carried out before; its stored answer goes out again."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


class Command:
    """A request that changes something. Its transaction also keeps the answer, if the client sent a key."""

    def __init__(self, request: Request, key: str | None) -> None:
        self._request = request
        self._key = key
        self._answer: tuple[int, Any] = (204, None)
        self.context: Context = request.app.state.context

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """The door's transaction; raises `AlreadyAnswered` when this key was used for the same request before."""
        async with self.context.db.transaction() as tx:
            if self._key is not None:
                await self._claim(tx)
            yield tx
            if self._key is not None:
                status, body = self._answer
                await tx.execute(update(ANSWERS).where(*self._mine()).values(status=status, body=body))

    def answer(self, body: Answer, *, status: int = 200) -> Answer:
        """Keep what is about to be answered, beside the change, and hand it back."""
        self._answer = (status, body.model_dump(mode="json") if body is not None else None)
        return body

    async def _claim(self, tx: Tx) -> None:
        digest = await self._digest()
        row = {"actor": self._actor, "key": self._key, "request_hash": digest}
        claim = insert(ANSWERS).values(row).on_conflict_do_nothing().returning(ANSWERS.c.key)
        if await tx.scalar(claim) is not None:
            return
        kept = (await tx.execute(select(ANSWERS).where(*self._mine()))).mappings().one()
        if bytes(kept["request_hash"]) != digest:
            raise KeyReused
        raise AlreadyAnswered(kept["status"], kept["body"])

    async def _digest(self) -> bytes:
        request = self._request
        told = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
        return hashlib.sha256(told + await request.body()).digest()

    def _mine(self) -> tuple[Any, ...]:
        return (ANSWERS.c.actor == self._actor, ANSWERS.c.key == self._key)

    @property
    def _actor(self) -> str:
        caller = getattr(self._request.state, "caller", None)
        return f"{caller.kind}:{caller.id}" if caller else "anonymous"


def _command(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=8,
            max_length=255,
            pattern=r"^[\x21-\x7e]+$",
            description="The same key gets the same answer, without doing it twice. Kept for 24 hours or more.",
            examples=["0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"],
        ),
    ] = None,
) -> Command:
    return Command(request, idempotency_key)


Commanded = Annotated[Command, Depends(_command)]
"""Put this on every route that changes something."""
