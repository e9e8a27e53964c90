"""Ways of paying as they are entered: cash, or a card at the terminal with the number on its slip; one or several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contracts.values import Money, PaymentMethod
from web import typed
from web.forms import Entered
from web.templating import money

WAYS_MAX = 3
SESSION_USUAL_MINOR = (30_000, 70_000)
"""What one session usually costs; outside of it somebody should look twice (CL-96)."""


@dataclass(frozen=True, slots=True)
class Tender:
    method: PaymentMethod
    amount: Money
    reference: str = ""

    @property
    def body(self) -> dict[str, Any]:
        """As billing wants it."""
        body: dict[str, Any] = {"method": self.method.value, "amount": self.amount.model_dump()}
        return {**body, "reference": self.reference} if self.reference else body


def tenders(form: Entered) -> list[Tender]:
    """The payments that were filled in; what can't be read is marked at its field."""
    found = (_tender(form, index) for index in range(WAYS_MAX))
    return [tender for tender in found if tender is not None]


def must_cover(form: Entered, paid: Sequence[Tender], price: Money) -> None:
    """Payments add up to the price exactly; the difference is told at the last of them."""
    if not paid or not form.is_fine:
        return
    difference = sum(tender.amount.minor for tender in paid) - price.minor
    if difference:
        amount = money(Money(minor=abs(difference), currency=price.currency))
        said = f"That is {amount} too {'much' if difference > 0 else 'little'}: together it must be {money(price)}."
        form.errors[f"amount-{_last(form)}"] = said


def is_unusual(price: Money, sessions: int) -> bool:
    """Whether one session of it costs less or more than usual (CL-96)."""
    low, high = SESSION_USUAL_MINOR
    return not low * sessions <= price.minor <= high * sessions


def _tender(form: Entered, index: int) -> Tender | None:
    typed_amount, method = form[f"amount-{index}"], form[f"method-{index}"]
    if not typed_amount and index > 0:
        return None
    reference = form[f"reference-{index}"] if method == PaymentMethod.CARD_TERMINAL else ""
    if method not in list(PaymentMethod):
        form.errors[f"amount-{index}"] = "Choose how it is paid."
        return None
    if method == PaymentMethod.CARD_TERMINAL and not reference:
        form.errors[f"reference-{index}"] = "Enter the number that the terminal printed on its slip."
    try:
        return Tender(PaymentMethod(method), typed.money(typed_amount), reference)
    except typed.Misread as misread:
        form.errors[f"amount-{index}"] = str(misread)
        return None


def _last(form: Entered) -> int:
    return max(index for index in range(WAYS_MAX) if form[f"amount-{index}"])
