"""Reading the books: balances per legal entity, and the proof that they agree with the packages."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import String, case, cast, func, select
from sqlalchemy.orm import aliased

from chassis.auth import Scope
from chassis.db import Tx
from contracts.values import LegalEntityId, LocationId
from services.billing.catalogue.model import Location
from services.billing.currency import whole
from services.billing.ledger.chart import AccountCode
from services.billing.ledger.model import Entry, Journal, LedgerAccount
from services.billing.listing import Rows
from services.billing.packages.model import Entitlement, Package, UnitState

Books = tuple[LegalEntityId, str]
"""A legal entity and a currency."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines of the journal."""

    legal_entity_id: LegalEntityId | None = None
    location_id: LocationId | None = None
    account: AccountCode | None = None
    since: date | None = None
    until: date | None = None


async def entities(tx: Tx, scope: Scope) -> dict[LegalEntityId, str]:
    """The legal entities all of whose locations the caller may see: books are whole or not at all."""
    located = await tx.execute(select(Location.legal_entity_id, Location.id))
    foreign = {entity for entity, location in located if not scope.covers(location)}
    names = await tx.execute(_entity_names().order_by("name"))
    return {entity: name for entity, name in names if entity not in foreign}


async def balances(tx: Tx) -> dict[Books, dict[AccountCode, int]]:
    """What every account stands at: debits above zero, credits below."""
    rows = await tx.execute(
        select(Entry.legal_entity_id, Entry.currency, Entry.account, func.sum(Entry.amount)).group_by(
            Entry.legal_entity_id, Entry.currency, Entry.account
        )
    )
    found: dict[Books, dict[AccountCode, int]] = defaultdict(dict)
    for entity, currency, account, total in rows:
        found[entity, currency][account] = int(total)
    return found


async def unredeemed(tx: Tx) -> dict[Books, int]:
    """The value of all sessions that are paid and not performed; deferred revenue is the same, always (I9)."""
    rows = await tx.execute(
        select(Package.legal_entity_id, Package.currency, func.sum(Entitlement.amount))
        .join(Entitlement, Entitlement.package_id == Package.id)
        .where(Entitlement.state != UnitState.REDEEMED)
        .group_by(Package.legal_entity_id, Package.currency)
    )
    return {(entity, currency): int(total) for entity, currency, total in rows}


def journal_lines(scope: Scope, asked: Filter) -> Rows:
    """Lines of the journal with what they come from, at the locations that the caller may see."""
    rows = select(Entry, Journal).join(Journal, Journal.id == Entry.journal_id)
    return _asked(rows.where(scope.within(Entry.location_id)), asked)


def journal_file(scope: Scope, asked: Filter) -> Rows:
    """The same lines, in order, with names and whole amounts, for a spreadsheet."""
    entity = aliased(_entity_names().subquery())
    counterparty = aliased(_entity_names().subquery())
    debit = case((Entry.amount > 0, whole(Entry.amount)))
    credit = case((Entry.amount < 0, whole(-Entry.amount)))
    rows = (
        select(
            Journal.id.label("journal_id"),
            Journal.occurred_on,
            Journal.posted_on,
            Journal.recorded_at,
            Journal.posting_rule.label("rule"),
            Journal.source_id,
            entity.c.name.label("legal_entity"),
            Location.code.label("location"),
            cast(Entry.account, String).label("account"),
            LedgerAccount.name.label("account_name"),
            counterparty.c.name.label("counterparty"),
            debit.label("debit"),
            credit.label("credit"),
            Entry.currency,
        )
        .select_from(Entry)
        .join(Journal, Journal.id == Entry.journal_id)
        .join(LedgerAccount, LedgerAccount.code == Entry.account)
        .outerjoin(Location, Location.id == Entry.location_id)
        .outerjoin(entity, entity.c.id == Entry.legal_entity_id)
        .outerjoin(counterparty, counterparty.c.id == Entry.counterparty_id)
    )
    return _asked(rows.where(scope.within(Entry.location_id)), asked).order_by(Entry.id)


def _entity_names() -> Rows:
    """One name each: booking opens no location whose legal entity has another name elsewhere."""
    named = select(Location.legal_entity_id.label("id"), func.max(Location.legal_entity_name).label("name"))
    return named.group_by(Location.legal_entity_id)


def _asked(rows: Rows, asked: Filter) -> Rows:
    if asked.legal_entity_id:
        rows = rows.where(Entry.legal_entity_id == asked.legal_entity_id)
    if asked.location_id:
        rows = rows.where(Entry.location_id == asked.location_id)
    if asked.account:
        rows = rows.where(Entry.account == asked.account)
    if asked.since:
        rows = rows.where(Journal.occurred_on >= asked.since)
    if asked.until:
        rows = rows.where(Journal.occurred_on <= asked.until)
    return rows
