"""What each event does to the books: pure rules from amounts to lines (domain rules FN-06, FN-09, FN-34, FN-35)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.values import AppointmentId, LegalEntityId, LocationId, Money, PackageId, PaymentId, PaymentMethod
from services.billing.ledger.chart import AccountCode

RULE_VERSION = 1


class PostingRule(StrEnum):
    PACKAGE_SALE = "package_sale"
    SESSION_REDEMPTION = "session_redemption"
    SESSION_INVOICE = "session_invoice"
    INVOICE_PAYMENT = "invoice_payment"


@dataclass(frozen=True, slots=True)
class Place:
    """A location and the legal entity whose books it is in."""

    entity: LegalEntityId
    location: LocationId


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry: above zero a debit, below zero a credit."""

    place: Place
    account: AccountCode
    minor: int
    counterparty: LegalEntityId | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """A journal entry to be: what it comes from, by which rule, and its lines, balanced per legal entity (FN-02)."""

    rule: PostingRule
    source_id: UUID
    """With the rule and its version this is the journal key: a replay posts nothing (FN-03)."""
    occurred_on: date
    currency: str
    lines: tuple[Line, ...]

    @property
    def moves_money(self) -> bool:
        """Not so for a unit that cost nothing: a package of 3 for 2 cents has one."""
        return any(line.minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class Redemption:
    """A prepaid session that was performed, by whom and for what part of the package's price."""

    appointment_id: AppointmentId
    amount: Money
    sold_at: Place
    performed_at: Place
    performed_on: date


def money_account(method: PaymentMethod) -> AccountCode:
    """Where the money lies until it reaches the bank."""
    return AccountCode.CASH if method is PaymentMethod.CASH else AccountCode.CLEARING


def package_sale(
    package_id: PackageId, place: Place, tenders: Sequence[tuple[PaymentMethod, Money]], *, on: date
) -> Posting:
    """J1: money came in, nothing is earned yet (FN-06)."""
    debits = [Line(place, money_account(method), amount.minor) for method, amount in tenders]
    deferred = Line(place, AccountCode.DEFERRED_REVENUE, -sum(line.minor for line in debits))
    return Posting(PostingRule.PACKAGE_SALE, package_id, on, tenders[0][1].currency, (*debits, deferred))


def session_redemption(redeemed: Redemption) -> Posting:
    """J4: earned where it was performed (FN-09); two legal entities then owe each other (FN-34, FN-35)."""
    amount, seller, performer = redeemed.amount.minor, redeemed.sold_at, redeemed.performed_at
    between: tuple[Line, ...] = ()
    if seller.entity != performer.entity:
        between = (
            Line(seller, AccountCode.DUE_TO, -amount, counterparty=performer.entity),
            Line(performer, AccountCode.DUE_FROM, amount, counterparty=seller.entity),
        )
    lines = (
        Line(seller, AccountCode.DEFERRED_REVENUE, amount),
        *between,
        Line(performer, AccountCode.SERVICE_REVENUE, -amount),
    )
    rule, source = PostingRule.SESSION_REDEMPTION, redeemed.appointment_id
    return Posting(rule, source, redeemed.performed_on, redeemed.amount.currency, lines)


def session_invoice(appointment_id: AppointmentId, place: Place, total: Money, *, on: date) -> Posting:
    """A session that nothing had paid for is earned and owed."""
    lines = (
        Line(place, AccountCode.RECEIVABLES, total.minor),
        Line(place, AccountCode.SERVICE_REVENUE, -total.minor),
    )
    return Posting(PostingRule.SESSION_INVOICE, appointment_id, on, total.currency, lines)


def invoice_payment(payment_id: PaymentId, place: Place, tender: tuple[PaymentMethod, Money], *, on: date) -> Posting:
    """What was owed came in."""
    method, amount = tender
    lines = (
        Line(place, money_account(method), amount.minor),
        Line(place, AccountCode.RECEIVABLES, -amount.minor),
    )
    return Posting(PostingRule.INVOICE_PAYMENT, payment_id, on, amount.currency, lines)
