"""HTTP door to the books: trial balance and journal. Nothing is ever changed here."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from chassis.auth import Scope, require
from chassis.errors import NotFound
from chassis.fields import Day
from chassis.http import BadCursor, Db, InContext, Page, Paged, refuses, router
from contracts.identity import MONEY
from contracts.values import LegalEntityId, LocationId, Money
from services.billing.ledger import queries
from services.billing.ledger.chart import NAMES, AccountCode
from services.billing.ledger.model import Entry, Journal
from services.billing.ledger.postings import PostingRule
from services.billing.ledger.queries import Books
from services.billing.listing import page_of
from services.billing.settings import BillingSettings

api = router("/ledger", tag="ledger")
Auditing = Annotated[Scope, require(*MONEY)]


class AccountBalance(BaseModel):
    """Where one account stands: on one of the two sides."""

    code: AccountCode
    name: str
    debit: Money
    credit: Money


class EntityBalance(BaseModel):
    """The accounts of one legal entity, and two proofs: debits are credits, and deferred revenue is owed sessions."""

    id: LegalEntityId
    name: str
    accounts: list[AccountBalance]
    debit_total: Money
    credit_total: Money
    balanced: bool
    unredeemed: Money = Field(description="Value of the sessions that are paid and not yet performed.")
    deferred_agrees: bool = Field(description="Deferred revenue (2300) is exactly that value.")


class TrialBalance(BaseModel):
    legal_entities: list[EntityBalance]


class JournalLine(BaseModel):
    """One side of a journal entry."""

    id: int
    journal_id: UUID
    occurred_on: date
    posted_on: date
    recorded_at: datetime
    rule: PostingRule
    source_id: UUID = Field(description="The package, appointment or payment that it comes from.")
    legal_entity_id: LegalEntityId
    location_id: LocationId
    account: AccountCode
    account_name: str
    counterparty_id: LegalEntityId | None
    debit: Money | None
    credit: Money | None

    @classmethod
    def of(cls, entry: Entry, journal: Journal) -> "JournalLine":
        amount = Money(minor=abs(entry.amount), currency=entry.currency)
        return cls(
            id=entry.id,
            journal_id=journal.id,
            occurred_on=journal.occurred_on,
            posted_on=journal.posted_on,
            recorded_at=journal.recorded_at,
            rule=journal.posting_rule,
            source_id=journal.source_id,
            legal_entity_id=entry.legal_entity_id,
            location_id=entry.location_id,
            account=entry.account,
            account_name=NAMES[entry.account],
            counterparty_id=entry.counterparty_id,
            debit=amount if entry.amount > 0 else None,
            credit=amount if entry.amount < 0 else None,
        )


class JournalFilter(BaseModel):
    """Which lines, in which order."""

    legal_entity_id: LegalEntityId | None = None
    location_id: LocationId | None = None
    account: AccountCode | None = None
    since: Day | None = None
    until: Day | None = None

    @property
    def filter(self) -> queries.Filter:
        return queries.Filter(self.legal_entity_id, self.location_id, self.account, self.since, self.until)


class JournalQuery(JournalFilter):
    sort: Literal["id", "-id", "occurred_on", "-occurred_on"] = "-id"


@api.get("/trial-balance", responses=refuses(NotFound))
async def trial_balance(
    db: Db, context: InContext, scope: Auditing, legal_entity_id: LegalEntityId | None = None
) -> TrialBalance:
    """The balance of every account, per legal entity whose locations the caller sees all of."""
    async with db.reading() as tx:
        # One snapshot for both sums: a redemption in between would make them differ.
        await tx.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        names = await queries.entities(tx, scope)
        if legal_entity_id is not None and legal_entity_id not in names:
            raise NotFound(kind="legal_entity", id=str(legal_entity_id))
        balances, owed = await queries.balances(tx), await queries.unredeemed(tx)
    currency = context.settings_as(BillingSettings).currency
    wanted = [entity for entity in names if legal_entity_id in (None, entity)]
    return TrialBalance(
        legal_entities=[
            _entity_balance((entity, currency), names[entity], balances.get((entity, currency), {}), owed)
            for entity in wanted
        ]
    )


def _entity_balance(
    books: Books, name: str, balances: Mapping[AccountCode, int], owed: Mapping[Books, int]
) -> EntityBalance:
    entity, currency = books
    debit_total = sum(amount for amount in balances.values() if amount > 0)
    credit_total = -sum(amount for amount in balances.values() if amount < 0)
    unredeemed = owed.get(books, 0)
    return EntityBalance(
        id=entity,
        name=name,
        accounts=[_account_balance(account, balances[account], currency) for account in sorted(balances)],
        debit_total=Money(minor=debit_total, currency=currency),
        credit_total=Money(minor=credit_total, currency=currency),
        balanced=debit_total == credit_total,
        unredeemed=Money(minor=unredeemed, currency=currency),
        deferred_agrees=balances.get(AccountCode.DEFERRED_REVENUE, 0) == -unredeemed,
    )


def _account_balance(account: AccountCode, amount: int, currency: str) -> AccountBalance:
    return AccountBalance(
        code=account,
        name=NAMES[account],
        debit=Money(minor=max(amount, 0), currency=currency),
        credit=Money(minor=max(-amount, 0), currency=currency),
    )


@api.get("/journal", responses=refuses(NotFound, BadCursor))
async def list_journal(
    asked: Annotated[JournalQuery, Query()], paging: Paged, db: Db, scope: Auditing
) -> Page[JournalLine]:
    """Lines of the journal at the caller's locations; `since` and `until` are business days."""
    if asked.location_id:
        scope.must_cover(asked.location_id)
    column = asked.sort.removeprefix("-")
    by = {"id": Entry.id, "occurred_on": Journal.occurred_on}[column]
    rows = queries.journal_lines(scope, asked.filter)
    rows = page_of(rows, paging, by=by, unique=Entry.id, descending=asked.sort.startswith("-"))
    async with db.reading() as tx:
        lines = [JournalLine.of(entry, journal) for entry, journal in await tx.execute(rows)]
    return paging.page(lines, lambda each: (getattr(each, column), each.id))
