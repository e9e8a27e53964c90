"""The migrated schema is the one that the models describe, and it refuses what must never stand in it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contracts.identity import Role
from services.identity.record import Record
from tests.integration.conftest import MoveIn
from tests.support.identity import a_member, context_of, identity_plan, sign_in
from tests.support.schema import differences


async def test_models_and_migrations_agree(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())

    assert await differences(house, "identity", Record.metadata) == []


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
