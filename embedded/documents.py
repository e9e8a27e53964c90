"""The OpenAPI documents of the services, made from the code alone: nothing is started, no database is needed."""

from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr

from chassis.bus.local import LocalCarrier
from chassis.run import Running
from embedded.roster import ROSTER

_NOWHERE = SecretStr("postgresql+asyncpg://nobody@localhost/nothing")
_UNUSED = SecretStr("a document holds no secret and needs none")


def openapi(name: str) -> dict[str, Any]:
    """The document of one service."""
    return application(name).openapi()


def application(name: str) -> FastAPI:
    """The application of one service, for looking at; it has nothing to work with."""
    member = ROSTER[name]
    more: dict[str, Any] = {"key_encryption_key": _UNUSED} if name == "identity" else {}
    service = member.build(member.settings(database_url=_NOWHERE, **more))
    return Running(service, LocalCarrier()).app
