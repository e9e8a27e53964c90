"""The database has the tables of the models, and guards the books by itself."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.db import Tx
from chassis.outbox import TABLES
from services.billing.ledger.chart import NAMES
from services.billing.ledger.model import LedgerAccount
from services.billing.record import Record
from tests.integration.conftest import MoveIn
from tests.support.billing import BILLING, Billing
from tests.support.databases import TestCluster

JOURNAL = (
    "INSERT INTO journal (id, source_id, posting_rule, rule_version, occurred_on, posted_on)"
    " VALUES (:id, :source, 'package_sale', 1, '2026-11-21', '2026-11-21')"
)
ENTRY = (
    "INSERT INTO entry (journal_id, legal_entity_id, location_id, account, amount, currency)"
    " VALUES (:id, :entity, :location, :account, :amount, :currency)"
)
Line = tuple[str, int, str]
"""Account, amount, currency."""
BALANCED = [("1010", 100, "USD"), ("2300", -100, "USD")]
ONE, OTHER = uuid4(), uuid4()


async def write(billing: Billing, lines: Sequence[Line], *, entities: Sequence[UUID]) -> UUID:
    """One journal entry with these lines, by hand."""
    journal = uuid4()
    async with billing.db.transaction() as tx:
        await tx.execute(text(JOURNAL), {"id": journal, "source": uuid4()})
        for line, entity in zip(lines, entities, strict=False):
            await add_line(tx, journal, line, entity=entity)
    return journal


async def add_line(tx: Tx, journal: UUID, line: Line, *, entity: UUID) -> None:
    account, amount, currency = line
    values = {"account": account, "amount": amount, "currency": currency, "entity": entity, "location": entity}
    await tx.execute(text(ENTRY), {"id": journal, **values})


async def add_later(billing: Billing, journal: UUID, line: Line, *, entity: UUID) -> None:
    async with billing.db.transaction() as tx:
        await add_line(tx, journal, line, entity=entity)


async def test_models_and_migrations_tell_the_same(move_in: MoveIn) -> None:
    billing = Billing(await move_in(BILLING))

    def differences(connection: Connection) -> list[object]:
        chassis = set(TABLES.tables) | {"alembic_version"}
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _: not (kind == "table" and name in chassis)},
        )
        return list(compare_metadata(context, Record.metadata))

    async with billing.db.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_chart_of_accounts_in_the_database_is_that_of_the_code(move_in: MoveIn) -> None:
    billing = Billing(await move_in(BILLING))

    async with billing.db.reading() as tx:
        accounts = (await tx.scalars(select(LedgerAccount))).all()

    assert {account.code: account.name for account in accounts} == NAMES


@pytest.mark.parametrize(
    ("lines", "constraint"),
    [
        ([("1010", 100, "USD"), ("2300", -99, "USD")], "ck_journal_balanced"),
        ([("1010", 100, "USD"), ("2300", -100, "EUR")], "ck_journal_balanced"),
        ([("1010", 100, "USD")], "ck_journal_two_lines"),
        ([], "ck_journal_two_lines"),
        ([("1010", 0, "USD"), ("2300", 0, "USD")], "ck_entry_amount_not_zero"),
        ([("1510", 100, "USD"), ("2300", -100, "USD")], "ck_entry_counterparty_between_entities"),
        ([("9999", 100, "USD"), ("2300", -100, "USD")], "fk_entry_account"),
    ],
)
async def test_the_database_refuses_a_wrong_entry(move_in: MoveIn, lines: list[Line], constraint: str) -> None:
    billing = Billing(await move_in(BILLING))

    with pytest.raises(DBAPIError) as refused:
        await write(billing, lines, entities=[ONE, ONE])

    assert getattr(refused.value.orig and refused.value.orig.__cause__, "constraint_name", None) == constraint


async def test_two_entities_do_not_balance_each_other(move_in: MoveIn) -> None:
    billing = Billing(await move_in(BILLING))

    with pytest.raises(DBAPIError, match="does not balance per legal entity"):
        await write(billing, BALANCED, entities=[ONE, OTHER])


async def test_a_line_added_later_to_a_balanced_entry_is_refused(move_in: MoveIn) -> None:
    billing = Billing(await move_in(BILLING))
    journal = await write(billing, BALANCED, entities=[ONE, ONE])

    with pytest.raises(DBAPIError, match="does not balance"):
        await add_later(billing, journal, ("1010", 1, "USD"), entity=ONE)


@pytest.mark.parametrize(("table", "column"), [("journal", "posted_on"), ("entry", "amount"), ("payment", "amount")])
@pytest.mark.parametrize("how", ["DELETE FROM {0}", "TRUNCATE {0} CASCADE", "UPDATE {0} SET {1} = {1}"])
async def test_the_service_may_not_change_what_is_written(move_in: MoveIn, how: str, table: str, column: str) -> None:
    billing = Billing(await move_in(BILLING))

    async with billing.db.reading() as tx:
        with pytest.raises(DBAPIError, match="permission denied"):
            await tx.execute(text(how.format(table, column)))


@pytest.mark.parametrize("how", ["DELETE FROM entry", "TRUNCATE journal CASCADE", "UPDATE entry SET amount = 1"])
async def test_not_even_the_owner_of_the_tables_changes_the_books(
    move_in: MoveIn, test_cluster: TestCluster, how: str
) -> None:
    billing = Billing(await move_in(BILLING))
    owner = create_async_engine(test_cluster.owner_url("billing", billing.db.engine.url.database))

    async with owner.connect() as connection:
        with pytest.raises(DBAPIError, match="append-only"):
            await connection.execute(text(how))
    await owner.dispose()
