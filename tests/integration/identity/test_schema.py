"""The migrated schema is the one that the models describe, and it refuses what must never stand in it."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from chassis.outbox import TABLES
from contracts.identity import Role
from services.identity.record import Record
from tests.integration.conftest import MoveIn
from tests.support.identity import a_member, context_of, identity_plan, sign_in

CHASSIS = {*TABLES.tables, "alembic_version"}


def differences(connection: Connection) -> list[Any]:
    def is_ours(_: Any, name: str | None, kind: str, *__: Any) -> bool:
        return not (kind == "table" and name in CHASSIS)

    options = {"include_object": is_ours, "compare_type": True, "compare_server_default": True}
    found: list[Any] = compare_metadata(MigrationContext.configure(connection, opts=options), Record.metadata)
    return found


async def test_models_and_migrations_agree(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())

    async with context_of(house).db.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("INSERT INTO staff SELECT uuidv7(), email, 'x', 'x', 1, true, null, now(), 1 FROM staff", "uq_staff_email"),
        ("UPDATE staff SET email = 'Ada@needlepoint.example'", "ck_staff_email_is_lower"),
        ("UPDATE staff_grant SET role = 'king'", "ck_staff_grant_role_is_known"),
        (
            "INSERT INTO staff_grant SELECT uuidv7(), staff_id, role, null, now(), null, null, 1 FROM staff_grant",
            "uq_staff_grant_held",
        ),
        ("UPDATE session SET secret_hash = 'short'", "ck_session_secret_hash_is_whole"),
        ("UPDATE session SET closes_at = opened_at", "ck_session_closes_after_it_opens"),
        (
            "INSERT INTO signing_key SELECT uuidv7(), public_key, null, now(), now(), null FROM signing_key",
            "uq_signing_key_newest",
        ),
        ("UPDATE signing_key SET retires_at = activates_at", "ck_signing_key_is_used_before_it_retires"),
    ],
)
async def test_the_database_itself_refuses(move_in: MoveIn, statement: str, constraint: str) -> None:
    house = await move_in(identity_plan())
    owner = await a_member(house, Role.OWNER)
    await sign_in(house, owner.email)
    await house.client("identity").get("/keys")

    with pytest.raises(IntegrityError, match=constraint):
        async with context_of(house).db.transaction() as tx:
            await tx.execute(text(statement))
