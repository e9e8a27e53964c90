"""`/live`, `/ready` and `/metrics`: is the process there, can it work, and how is it doing."""

import secrets
from ipaddress import ip_address
from typing import Literal

import structlog
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy import func, select

from chassis import telemetry
from chassis.context import Context
from chassis.errors import Forbidden, Unavailable
from chassis.health import Pulse
from chassis.parked import PARKED
from chassis.relay import backlog

log = structlog.get_logger()


class NotReady(Unavailable):
    """This service can't work just now; `stuck` names what does not run."""


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class Readiness(BaseModel):
    """The database answers and every loop beats."""

    status: Literal["ready"] = "ready"
    loops: list[str]


def health_router(service: str) -> APIRouter:
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
        _may_read_metrics(request, context)
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


async def measure(context: Context, service: str) -> None:
    """Bring the gauges that live in the database up to date."""
    async with context.db.engine.connect() as connection:
        waiting, oldest = await backlog(connection)
        parked = await connection.scalar(select(func.count()).select_from(PARKED).where(PARKED.c.replayed_at.is_(None)))
    telemetry.UNPUBLISHED.labels(service).set(waiting)
    telemetry.OLDEST_UNPUBLISHED.labels(service).set(oldest)
    telemetry.PARKED.labels(service).set(parked or 0)


def _may_read_metrics(request: Request, context: Context) -> None:
    expected = context.settings.metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if expected is not None:
        if secrets.compare_digest(given, expected.get_secret_value()):
            return
    elif request.client and ip_address(request.client.host).is_loopback:
        return
    raise Forbidden
