"""Payments as they come in and go out at a door; the routes are those of packages and invoices."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from chassis.fields import Written
from contracts.values import InvoiceId, LocationId, Money, PackageId, PatientId, PaymentId, PaymentMethod
from services.billing.amounts import PaidAmount
from services.billing.payments.model import Payment, Tender

SEPARATORS = " ._/#-"


def holds_card_number(text: str) -> bool:
    """Whether it holds the digits of a card, whatever stands before them, behind them or between their groups."""
    runs = (re.findall("[0-9]+", run) for run in re.findall(f"[0-9{SEPARATORS}]+", text))
    return any(_is_card_number("".join(some)) for groups in runs for some in _neighbours(groups))


def _neighbours(groups: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(len(groups)):
        for last in range(first, len(groups)):
            yield groups[first : last + 1]


def _is_card_number(digits: str) -> bool:
    """Thirteen to nineteen digits with the check digit of a card (Luhn)."""
    if not 13 <= len(digits) <= 19:
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _no_card_number(reference: str) -> str:
    if holds_card_number(reference):
        raise ValueError("this looks like a card number: write down the terminal's reference, never the card")
    return reference


Reference = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True),
    Written(
        f"[A-Za-z0-9][A-Za-z0-9{SEPARATORS}]{{0,63}}", "write the reference as the terminal prints it, as in T1-004711"
    ),
    AfterValidator(_no_card_number),
]
"""What a card terminal prints, in capitals, so that one slip is one payment; never a card number (PCI DSS 3)."""


class PaymentIn(BaseModel):
    """Money on the desk: cash, or a card payment with the terminal's reference."""

    model_config = ConfigDict(extra="forbid")

    method: PaymentMethod = Field(examples=["card_terminal"])
    amount: PaidAmount
    reference: Reference | None = Field(
        default=None, examples=["T1-004711"], description="Printed by the card terminal; not for cash."
    )

    @property
    def tender(self) -> Tender:
        return Tender(self.method, self.amount.money, self.reference)


class PaymentOut(BaseModel):
    """A payment that was received."""

    id: PaymentId
    patient_id: PatientId
    location_id: LocationId
    method: PaymentMethod
    amount: Money
    reference: str | None
    received_at: datetime
    invoice_id: InvoiceId | None
    package_id: PackageId | None

    @classmethod
    def of(cls, payment: Payment) -> "PaymentOut":
        return cls(
            id=payment.id,
            patient_id=payment.patient_id,
            location_id=payment.location_id,
            method=payment.method,
            amount=payment.money,
            reference=payment.reference,
            received_at=payment.received_at,
            invoice_id=payment.invoice_id,
            package_id=payment.package_id,
        )
