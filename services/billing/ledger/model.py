"""The books: journal and entries, append-only and balanced by the database itself."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from contracts.values import LegalEntityId, LocationId
from services.billing.ledger.chart import AccountCode
from services.billing.ledger.postings import PostingRule
from services.billing.record import Record


class LedgerAccount(Record):
    """The chart of accounts, for the database's own foreign key; filled by the migration."""

    __tablename__ = "ledger_account"

    code: Mapped[AccountCode] = mapped_column(primary_key=True)
    name: Mapped[str]


class Journal(Record):
    """One event in the books. Corrected by a reversal and a new one, never by a change (FN-02)."""

    __tablename__ = "journal"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID]
    posting_rule: Mapped[PostingRule]
    rule_version: Mapped[int]
    occurred_on: Mapped[date]
    """Business date at the location (FN-04)."""
    posted_on: Mapped[date]
    """Accounting date (FN-04)."""
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        UniqueConstraint("source_id", "posting_rule", "rule_version", name="uq_journal_key"),
        Index("ix_journal_occurred_on", "occurred_on", "id"),
    )


class Entry(Record):
    """One line of a journal entry: a debit above zero, a credit below."""

    __tablename__ = "entry"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    journal_id: Mapped[UUID] = mapped_column(ForeignKey("journal.id"))
    legal_entity_id: Mapped[LegalEntityId]
    location_id: Mapped[LocationId]
    account: Mapped[AccountCode] = mapped_column(ForeignKey("ledger_account.code"))
    counterparty_id: Mapped[LegalEntityId | None]
    """The other legal entity of a due-to or due-from."""
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))

    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        CheckConstraint(
            "(counterparty_id IS NOT NULL) = (account IN ('1510', '2510'))", name="counterparty_between_entities"
        ),
        CheckConstraint("counterparty_id <> legal_entity_id", name="counterparty_is_another"),
        Index("ix_entry_journal_id", "journal_id"),
        Index("ix_entry_legal_entity_id", "legal_entity_id", "account", postgresql_include=["amount", "currency"]),
        Index("ix_entry_location_id", "location_id", "id"),
    )
