"""The database has the tables of the models, and guards the books by itself."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.db import Tx
from services.billing.ledger.chart import NAMES
from services.billing.ledger.model import LedgerAccount
from services.billing.record import Record
from tests.integration.conftest import MoveIn
from tests.support.billing import BILLING, Billing
from tests.support.databases import TestCluster
from tests.support.schema import differences

JOURNAL = (
    "INSERT INTO journal (id, source_id, posting_rule, rule_version, occurred_on, posted_on)"
    " VALUES (:id, :source, 'package_sale', 1, '2026-11-21', '2026-11-21')"
)
LINES = (
    "INSERT INTO entry (journal_id, legal_entity_id, location_id, account, amount, currency)"
    " SELECT :id, entity, entity, account, amount, currency"
    " FROM unnest(CAST(:entities AS uuid[]), CAST(:accounts AS text[]), CAST(:amounts AS bigint[]),"
    " CAST(:currencies AS text[])) AS line (entity, account, amount, currency)"
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
        await add_lines(tx, journal, lines, entities=entities)
    return journal


async def add_lines(tx: Tx, journal: UUID, lines: Sequence[Line], *, entities: Sequence[UUID]) -> None:
    accounts, amounts, currencies = zip(*lines, strict=True) if lines else ([], [], [])
    values = {"accounts": accounts, "amounts": amounts, "currencies": currencies}
    await tx.execute(text(LINES), {"id": journal, "entities": entities[: len(lines)], **values})


async def add_later(billing: Billing, journal: UUID, *lines: Line) -> None:
    async with billing.db.transaction() as tx:
        await add_lines(tx, journal, lines, entities=[ONE] * len(lines))


async def test_models_and_migrations_tell_the_same(move_in: MoveIn) -> None:
    billing = Billing(await move_in(BILLING))

    assert await differences(billing.house, "billing", Record.metadata) == []


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


async def test_lines_added_later_to_a_balanced_entry_have_to_balance_as_well(move_in: MoveIn) -> None:
    billing = Billing(await move_in(BILLING))
    journal = await write(billing, BALANCED, entities=[ONE, ONE])

    with pytest.raises(DBAPIError, match="fewer than two lines"):
        await add_later(billing, journal, ("1010", 1, "USD"))
    with pytest.raises(DBAPIError, match="does not balance"):
        await add_later(billing, journal, ("1010", 1, "USD"), ("2300", -2, "USD"))


async def test_one_wrong_entry_among_many_of_a_statement_is_found(move_in: MoveIn) -> None:
    billing = Billing(await move_in(BILLING))
    good, bad = [await write(billing, BALANCED, entities=[ONE, ONE]) for _ in range(2)]
    lines = (
        "INSERT INTO entry (journal_id, legal_entity_id, location_id, account, amount, currency) VALUES"
        " (:good, :one, :one, '1010', 5, 'USD'), (:bad, :one, :one, '2300', -5, 'USD'),"
        " (:good, :one, :one, '2300', -4, 'USD'), (:bad, :one, :one, '1010', 4, 'USD')"
    )

    with pytest.raises(DBAPIError, match="does not balance"):
        async with billing.db.transaction() as tx:
            await tx.execute(text(lines), {"good": good, "bad": bad, "one": ONE})


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
