"""What the books tell: where each account of each legal entity stands, and the lines that led there."""

from datetime import date, datetime
from uuid import UUID

from contracts.values import Money
from web.api import Api
from web.clients.shape import Shape

DUE_FROM, DUE_TO = "1510", "2510"
"""What one legal entity of the chain owes another, seen from both (FN-34)."""


class Account(Shape):
    code: str
    name: str
    debit: Money
    credit: Money


class Entity(Shape):
    """The accounts of one legal entity, with two proofs."""

    id: UUID
    name: str
    accounts: tuple[Account, ...]
    debit_total: Money
    credit_total: Money
    balanced: bool
    unredeemed: Money
    """Value of the sessions that are paid and not yet performed."""
    deferred_agrees: bool
    """Deferred revenue is exactly that value (FN-49)."""

    def balance(self, code: str) -> int:
        """Where an account stands, in the smallest unit: debit above zero."""
        return sum(each.debit.minor - each.credit.minor for each in self.accounts if each.code == code)


class TrialBalance(Shape):
    legal_entities: tuple[Entity, ...]

    @property
    def entities_agree(self) -> bool:
        """What the entities say is due to them is what the others say they owe (FN-34)."""
        return sum(each.balance(DUE_FROM) + each.balance(DUE_TO) for each in self.legal_entities) == 0


class Line(Shape):
    """One side of a journal entry."""

    id: int
    journal_id: UUID
    occurred_on: date
    posted_on: date
    recorded_at: datetime
    rule: str
    source_id: UUID
    legal_entity_id: UUID
    location_id: UUID
    account: str
    account_name: str
    counterparty_id: UUID | None = None
    debit: Money | None = None
    credit: Money | None = None


class Journal(Shape):
    """One page of lines."""

    items: tuple[Line, ...]
    next_cursor: str | None = None


async def trial_balance(api: Api) -> TrialBalance:
    return await api.get("billing", "/ledger/trial-balance", TrialBalance)


async def journal(api: Api, *, sort: str, cursor: str | None = None, **filters: str | None) -> Journal:
    return await api.get("billing", "/ledger/journal", Journal, sort=sort, cursor=cursor, limit=100, **filters)
