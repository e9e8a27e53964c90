"""The same visits, counted in each database: side by side, so that nobody has to believe a green dot."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from tests.support import checks
from tests.support.checks import SERVICES, Connect

COUNTS = {
    "appointments completed": (
        "booking",
        "SELECT count(*) FROM appointment WHERE id = ANY($1::uuid[]) AND status = 'completed'",
    ),
    "facts of completed sessions": (
        "booking",
        "SELECT count(*) FROM outbox WHERE type = 'booking.session-completed' AND aggregate_id = ANY($1::uuid[])",
    ),
    "settlements": ("billing", "SELECT count(*) FROM settlement WHERE appointment_id = ANY($1::uuid[])"),
    "consumptions": ("inventory", "SELECT count(*) FROM consumption WHERE appointment_id = ANY($1::uuid[])"),
    "aftercare series": (
        "notifications",
        """
        SELECT count(*) FROM outbox
        WHERE type = 'notifications.aftercare-scheduled' AND aggregate_id = ANY($1::uuid[])
        """,
    ),
    "recalls": ("notifications", "SELECT count(*) FROM recall WHERE appointment_id = ANY($1::uuid[])"),
    "completions on timelines": (
        "audit",
        """
        SELECT count(*) FROM event
        WHERE type = 'booking.session-completed' AND appointment_id = ANY($1::uuid[])
        """,
    ),
}
"""Each has to be the number of visits that were acknowledged."""
SUMS = {
    "journals": ("billing", "SELECT count(*) FROM journal"),
    "sum of all journals": ("billing", "SELECT coalesce(sum(amount), 0) FROM entry"),
    "sum of entries per entity and currency that is not zero": (
        "billing",
        "SELECT count(*) FROM (SELECT 1 FROM entry GROUP BY legal_entity_id, currency HAVING sum(amount) <> 0) AS x",
    ),
}
IN_EACH = {
    "facts": "SELECT count(*) FROM outbox",
    "unpublished": checks.UNSENT,
    "inbox": "SELECT count(*) FROM inbox",
    "parked": "SELECT count(*) FROM parked",
}


async def counted(connect: Connect, visits: Iterable[str]) -> dict[str, int]:
    """How often each effect of these visits is there."""
    ids = [UUID(each) for each in visits]
    return {name: await _ask(connect, service, query, ids) for name, (service, query) in COUNTS.items()}


async def summed(connect: Connect) -> dict[str, int]:
    return {name: await _ask(connect, service, query) for name, (service, query) in SUMS.items()}


async def in_each(connect: Connect) -> dict[str, dict[str, int]]:
    return {name: {what: await _ask(connect, name, query) for what, query in IN_EACH.items()} for name in SERVICES}


async def _ask(connect: Connect, service: str, query: str, *given: object) -> int:
    connection = await connect(service)
    try:
        return int(await connection.fetchval(query, *given))
    finally:
        await connection.close()


def told(of_visits: dict[str, int], sums: dict[str, int], each: dict[str, dict[str, int]]) -> Iterator[str]:
    """In words and columns."""
    owner = {name: service for name, (service, _) in (COUNTS | SUMS).items()}
    for name, number in (of_visits | sums).items():
        yield f"{owner[name]:14} {name:58} {number:>10,}"
    yield f"{'':14} {''.join(f'{what:>14}' for what in IN_EACH)}"
    for service, found in each.items():
        yield f"{service:14} {''.join(f'{found[what]:>14,}' for what in IN_EACH)}"
