"""The facts of one whole visit, as the services tell them, each with the fact that led to it."""

from typing import Any

from chassis.clock import new_id
from chassis.message import Message
from contracts.billing import InvoiceIssued, PriceChanged
from contracts.booking import AppointmentFact, SessionCompleted
from contracts.inventory import LotLine, StockConsumed
from contracts.notifications import AftercareScheduled, RecallReason, RecallScheduled
from contracts.values import InvoiceId, ItemId, LotId, Money, PriceId, RecallId
from tests.support.house import House
from tests.support.notifications import message_of

PRICE = Money(minor=59900)


def an_invoice(done: AppointmentFact) -> InvoiceIssued:
    return InvoiceIssued(**_about(done), invoice_id=InvoiceId(new_id()), total=PRICE, due=PRICE)


def a_price(done: AppointmentFact, price: Money = PRICE, **changes: Any) -> PriceChanged:
    facts: dict[str, Any] = {
        "version": 1,
        "at": done.at,
        "price_id": PriceId(new_id()),
        "treatment": done.treatment,
        "location_id": done.location_id,
        "price": price,
        "effective_on": done.local_start.date().replace(month=1, day=1),
    }
    return PriceChanged(**facts | changes)


def the_stock(done: AppointmentFact, *lots: LotId) -> StockConsumed:
    lines = tuple(
        LotLine(item_id=ItemId(new_id()), lot_id=lot, expires_on=done.local_start.date(), quantity=1) for lot in lots
    )
    return StockConsumed(**_about(done, "legal_entity_id"), lines=lines)


def the_aftercare(done: AppointmentFact, messages: int = 5) -> AftercareScheduled:
    return AftercareScheduled(**_about(done, "legal_entity_id"), messages=messages)


def the_recall(done: SessionCompleted) -> RecallScheduled:
    return RecallScheduled(
        **_about(done, "legal_entity_id"),
        recall_id=RecallId(new_id()),
        reason=RecallReason.MAINTENANCE,
        due_on=done.performed_on,
    )


def _about(done: AppointmentFact, *without: str) -> dict[str, Any]:
    names = {"appointment_id", "patient_id", "location_id", "legal_entity_id"} - set(without)
    return {"version": 1, "at": done.at} | {name: getattr(done, name) for name in names}


def effects_of(done: SessionCompleted) -> list[Message]:
    """The session and all that must follow it, as messages that know their cause."""
    cause = message_of(done)
    effects = (an_invoice(done), the_stock(done, LotId(new_id())), the_aftercare(done), the_recall(done))
    return [cause, *(message_of(effect, cause=cause) for effect in effects)]


async def deliver(house: House, *messages: Message) -> None:
    """One batch, in this order."""
    await house.running["audit"].consumer.handle(messages)
