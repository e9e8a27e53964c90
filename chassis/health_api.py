"""`/live`, `/ready` and `/metrics`: is the process there, can it work, and how is it doing."""

import secrets
from ipaddress import ip_address
from typing import Literal

import structlog
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, SecretStr
from sqlalchemy import func, select

from chassis import telemetry
from chassis.context import Context
from chassis.errors import Forbidden, Unavailable
from chassis.health import Pulse
from chassis.parked import PARKED, WAITS
from chassis.relay import backlog
from chassis.service import Service

log = structlog.get_logger()

HANDED_ON = ("x-forwarded-for", "forwarded", "x-real-ip", "via")
"""What gateways write into a request that is not their own."""


class NotReady(Unavailable):
    """This service can't work just now; `stuck` names what does not run."""


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class Readiness(BaseModel):
    """The database answers and every loop beats."""

    status: Literal["ready"] = "ready"
    loops: list[str]


def health_router(service: Service) -> APIRouter:
    """The three routes of one service; they tell no data, so they ask for no token."""
    router = APIRouter(include_in_schema=False)

    @router.get("/live")
    async def live() -> Liveness:
        return Liveness()

    @router.get("/ready")
    async def ready(request: Request) -> Readiness:
        return await readiness(request.app.state.context, _pulses(request))

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        context: Context = request.app.state.context
        if not may_read_metrics(request, context.settings.metrics_token):
            raise Forbidden
        await measure(context, service)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def _pulses(request: Request) -> list[Pulse]:
    return list(getattr(request.app.state, "pulses", ()))


async def readiness(context: Context, pulses: list[Pulse]) -> Readiness:
    """`Readiness`, or `NotReady` with the names of what is stuck."""
    stuck = [pulse.name for pulse in pulses if pulse.is_stuck]
    try:
        async with context.db.engine.connect() as connection:
            await connection.execute(select(1))
    except Exception as error:
        log.warning("database.unreachable", database=context.service, exc_info=error)
        stuck.append("database")
    if stuck:
        raise NotReady(stuck=stuck)
    return Readiness(loops=[pulse.name for pulse in pulses])


async def measure(context: Context, service: Service) -> None:
    """Bring the gauges that live in the database up to date."""
    async with context.db.engine.connect() as connection:
        waiting, oldest = await backlog(connection)
        parked = await connection.scalar(select(func.count()).select_from(PARKED).where(WAITS))
    telemetry.UNPUBLISHED.labels(service.name).set(waiting)
    telemetry.OLDEST_UNPUBLISHED.labels(service.name).set(oldest)
    telemetry.PARKED.labels(service.name).set(parked or 0)
    for each in service.measures:
        await each(context)


def may_read_metrics(request: Request, token: SecretStr | None) -> bool:
    """Whoever brings the token; where none is set, whoever is on this machine and asks for themselves.

    Behind a gateway on this machine every request comes from it: what was handed on by somebody is not let in.
    """
    if token is not None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(given.encode(), token.get_secret_value().encode())
    if any(header in request.headers for header in HANDED_ON):
        return False
    return request.client is not None and _is_loopback(request.client.host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:  # whatever a proxy that we trust has said
        return False
