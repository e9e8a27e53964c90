"""What must hold over all databases once everything is quiet, asked in SQL (I1–I8, I12, I13)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import asyncpg

from contracts.catalog import heard_by

Connect = Callable[[str], Awaitable[asyncpg.Connection]]
"""Opens the database of a service."""

SERVICES = ("identity", "booking", "billing", "inventory", "notifications", "audit")

UNSENT = "SELECT count(*) FROM outbox WHERE published_at IS NULL"

NOTHING_FOUND: dict[str, tuple[str, str]] = {
    "I4 versions of a thing go 1, 2, 3 without a gap (booking)": (
        "booking",
        (
            "SELECT count(*) FROM (SELECT 1 FROM outbox GROUP BY aggregate_type, aggregate_id"
            " HAVING max(aggregate_version) <> count(*) OR min(aggregate_version) <> 1) AS gaps"
        ),
    ),
    "I5 no two claims of a resource overlap": (
        "booking",
        (
            "SELECT count(*) FROM claim a JOIN claim b ON a.resource_id = b.resource_id"
            " AND a.appointment_id < b.appointment_id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
        ),
    ),
    "I7 units of a package add up to its price": (
        "billing",
        (
            "SELECT count(*) FROM (SELECT p.id FROM package p JOIN entitlement e ON e.package_id = p.id"
            " GROUP BY p.id HAVING sum(e.amount) <> p.price OR count(*) <> p.sessions"
            " OR count(*) FILTER (WHERE e.state <> 'redeemed') <> p.remaining) AS wrong"
        ),
    ),
    "I8 every journal sums to zero per legal entity and currency": (
        "billing",
        (
            "SELECT count(*) FROM (SELECT 1 FROM entry GROUP BY journal_id, legal_entity_id, currency"
            " HAVING sum(amount) <> 0) AS unbalanced"
        ),
    ),
    "I9 deferred revenue is the value of what is not redeemed": (
        "billing",
        (
            "SELECT count(*) FROM (SELECT coalesce((SELECT sum(amount) FROM entry WHERE account = '2300'), 0)"
            " + coalesce((SELECT sum(amount) FROM entitlement WHERE state <> 'redeemed'), 0) AS x) AS s WHERE x <> 0"
        ),
    ),
    "I12 on hand is the sum of movements": (
        "inventory",
        (
            "SELECT count(*) FROM stock_level s WHERE s.on_hand <> (SELECT coalesce(sum(m.quantity), 0) FROM movement m"
            " WHERE m.item_id = s.item_id AND m.location_id = s.location_id)"
        ),
    ),
    "I13 no patient gets a message twice": (
        "notifications",
        (
            "SELECT count(*) FROM (SELECT 1 FROM message GROUP BY appointment_id, sequence, template, channel"
            " HAVING count(*) > 1) AS twice"
        ),
    ),
    **{f"nothing is parked in {name}": (name, "SELECT count(*) FROM parked") for name in SERVICES},
}

TOLD = "SELECT message_id, type FROM outbox WHERE created_at >= $1"
HAD = "SELECT message_id FROM inbox WHERE processed_at >= $1"
COMPLETED = "SELECT aggregate_id FROM outbox WHERE type = 'booking.session-completed'"
EFFECTS = {
    "I6 money": ("billing", "SELECT appointment_id FROM settlement"),
    "I12 stock": ("inventory", "SELECT appointment_id FROM consumption"),
    "I13 aftercare": ("notifications", "SELECT aggregate_id FROM outbox WHERE type LIKE '%.aftercare-scheduled'"),
    "timeline": ("audit", "SELECT appointment_id FROM event WHERE type = 'booking.session-completed'"),
}


async def is_quiet(connect: Connect) -> bool:
    """Whether every fact has reached everybody."""
    return not any([await _scalar(connect, name, UNSENT) for name in SERVICES])


async def undelivered(connect: Connect, *, since: datetime) -> dict[str, int]:
    """Facts told since then that a listener has not taken, however they travel: by listener, how many."""
    missing: dict[str, int] = {}
    told = {name: await _rows(connect, name, TOLD, since) for name in SERVICES}
    for listener in SERVICES:
        heard = {fact.type for fact in heard_by(listener)}
        wanted = {row["message_id"] for rows in told.values() for row in rows if row["type"] in heard}
        had = {row["message_id"] for row in await _rows(connect, listener, HAD, since)}
        if wanted - had:
            missing[listener] = len(wanted - had)
    return missing


async def violations(connect: Connect) -> dict[str, Any]:
    """Each broken invariant with how often; and each effect that is missing, or there twice."""
    found: dict[str, Any] = {}
    for name, (service, query) in NOTHING_FOUND.items():
        if count := await _scalar(connect, service, query):
            found[name] = count
    completed = await _column(connect, "booking", COMPLETED)
    for name, (service, query) in EFFECTS.items():
        had = await _column(connect, service, query)
        if sorted(had) != sorted(completed):
            found[name] = {"sessions": len(completed), "effects": len(had), "without": len(set(completed) - set(had))}
    return found


async def _rows(connect: Connect, service: str, query: str, since: datetime) -> list[Any]:
    connection = await connect(service)
    try:
        return list(await connection.fetch(query, since))
    finally:
        await connection.close()


async def _scalar(connect: Connect, service: str, query: str) -> int:
    connection = await connect(service)
    try:
        return int(await connection.fetchval(query) or 0)
    finally:
        await connection.close()


async def _column(connect: Connect, service: str, query: str) -> list[Any]:
    connection = await connect(service)
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()
