"""What is asked of the databases after every crash has to go red itself, for each thing that can be wrong with them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, cast

import asyncpg
import pytest

from tests.integration.house.walking import World
from tests.support import checks
from tests.support.databases import TestCluster

WRONGS = {
    "I4 versions of a thing go 1, 2, 3 without a gap (booking)": (
        "booking",
        "DELETE FROM outbox WHERE type = 'booking.appointment-booked'",
    ),
    "I5 no two claims of a resource overlap": (
        "booking",
        """
        ALTER TABLE claim DROP CONSTRAINT ex_claim_resource_id_during;
        INSERT INTO claim (appointment_id, kind, resource_id, starts_at, ends_at)
        SELECT uuidv7(), kind, resource_id, starts_at, ends_at FROM claim
        """,
    ),
    "I7 units of a package add up to its price": ("billing", "UPDATE entitlement SET amount = amount - 1"),
    "I8 every journal sums to zero per legal entity and currency": ("billing", "UPDATE entry SET amount = amount + 1"),
    "I9 deferred revenue is the value of what is not redeemed": (
        "billing",
        """
        ALTER TABLE entitlement DROP CONSTRAINT ck_entitlement_held_by_an_appointment;
        UPDATE entitlement SET state = 'redeemed' WHERE state <> 'redeemed'
        """,
    ),
    "I12 on hand is the sum of movements": ("inventory", "UPDATE stock_level SET on_hand = on_hand + 1"),
    "I13 no patient gets a message twice": (
        "notifications",
        """
        ALTER TABLE message DROP CONSTRAINT uq_message_appointment_id_sequence_template_channel;
        CREATE TABLE more AS SELECT * FROM message LIMIT 1;
        UPDATE more SET id = uuidv7();
        INSERT INTO message SELECT * FROM more
        """,
    ),
    "I6 money": ("billing", "DELETE FROM settlement WHERE kind = 'redeemed'"),
    "I12 stock": ("inventory", "DELETE FROM consumption"),
    "I13 aftercare": ("notifications", "DELETE FROM outbox WHERE type = 'notifications.aftercare-scheduled'"),
    "timeline": ("audit", "DELETE FROM event WHERE type = 'booking.session-completed'"),
}
"""By what must be found: whose database, and how it is made wrong, past triggers and constraints."""


class Shared:
    """A connection that whoever closes it leaves open."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def close(self) -> None:
        pass


@pytest.fixture
async def connections(world: World, test_cluster: TestCluster) -> AsyncIterator[dict[str, asyncpg.Connection]]:
    """Into each service's database, in a transaction that is taken back."""
    async with AsyncExitStack() as opened:
        found = {}
        for name, running in world.chain.house.running.items():
            connection = await test_cluster.cluster.connect(str(running.context.db.engine.url.database))
            opened.push_async_callback(connection.close)
            transaction = connection.transaction()
            await transaction.start()
            opened.push_async_callback(transaction.rollback)
            await connection.execute("SET LOCAL session_replication_role = replica; DELETE FROM parked")
            found[name] = connection
        yield found


def by(connections: dict[str, asyncpg.Connection]) -> checks.Connect:
    async def connect(service: str) -> asyncpg.Connection:
        return cast("asyncpg.Connection", Shared(connections[service]))

    return connect


async def test_when_all_is_well_nothing_is_found(connections: dict[str, asyncpg.Connection]) -> None:
    assert await checks.violations(by(connections)) == {}


@pytest.mark.parametrize("wrong", WRONGS)
async def test_each_thing_that_is_wrong_is_found(wrong: str, connections: dict[str, asyncpg.Connection]) -> None:
    service, how = WRONGS[wrong]

    await connections[service].execute(how)

    assert wrong in await checks.violations(by(connections))


async def test_what_is_parked_anywhere_is_found(connections: dict[str, asyncpg.Connection]) -> None:
    await connections["audit"].execute(
        "INSERT INTO parked (consumer, message_id, key, type, envelope, body, reason, attempts)"
        " VALUES ('audit', uuidv7(), uuidv7(), 'x', '{}', '{}', 'x', 1)"
    )

    assert await checks.violations(by(connections)) == {"nothing is parked in audit": 1}


def test_every_question_is_proved() -> None:
    parked = {name for name in checks.NOTHING_FOUND if name.startswith("nothing is parked")}
    assert WRONGS.keys() == (checks.NOTHING_FOUND.keys() - parked) | checks.EFFECTS.keys()
