"""Money follows each completed session: a prepaid unit is redeemed, else an invoice issued, else it is free of charge.

A session whose treatment has no price at its location can't be invoiced. It stays unsettled, for everybody to see,
until a price is set or a package bought; nothing is guessed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value

from chassis.clock import new_id
from chassis.compiled import Statement
from chassis.db import Tx
from chassis.many import Many
from contracts.billing import SessionWaived, WaiverReason
from contracts.envelope import Fact
from contracts.values import AppointmentId, InvoiceId, PatientId
from services.billing.accounts import usecases as accounts
from services.billing.cause import Cause
from services.billing.invoices.model import Invoice
from services.billing.ledger import postings
from services.billing.ledger.postings import Place, Posting
from services.billing.ledger.usecases import post
from services.billing.packages import usecases as packages
from services.billing.packages.model import Entitlement
from services.billing.packages.wallet import Wallet
from services.billing.prices.model import Price
from services.billing.prices.pricing import in_force
from services.billing.prices.queries import prices_at
from services.billing.settlements.model import Settlement, SettlementKind
from services.billing.visits.model import Visit

log = structlog.get_logger()

_INVOICES = Many(Invoice, *Invoice.__table__.columns.keys())
_ISSUE = Statement(_INVOICES.insert())
_SETTLEMENTS = Many(Settlement, *Settlement.__table__.columns.keys())
_KEEP = Statement(_SETTLEMENTS.insert())
_SETTLED = Many(Visit, "id", "settled_at")
_NOTE = Statement(
    update(_SETTLED.table).where(_SETTLED.table.c.id == _SETTLED.c.id).values(settled_at=_SETTLED.c.settled_at)
)


@dataclass(frozen=True, slots=True)
class Due:
    """A completed session that money has not followed yet."""

    visit: Visit
    cause: Cause


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a completed session leads to: its settlement, the fact of it, and what the books say."""

    due: Due
    kind: SettlementKind
    fact: Fact
    posting: Posting | None = None
    unit: Entitlement | None = None
    invoice: Invoice | None = None
    reason: WaiverReason | None = None


async def settle(tx: Tx, due: Sequence[Due], causes: Mapping[PatientId, Cause]) -> None:
    """Keep units for the visits of these patients, then settle what is due; their accounts are held.

    Each session is settled once, as far as there is a unit or a price for it. A session of theirs that waited in
    vain so far is settled with the others if a unit is kept for it by now.
    """
    held = await packages.wallets(tx, causes)
    waiting = await packages.arrange(tx, held, causes)
    known = {each.visit.id for each in due}
    others = [Due(visit, causes[visit.patient_id]) for visit in waiting if visit.id not in known]
    prepaid = [outcome for each in (*due, *others) if (outcome := _redeem(each, held.get(each.visit.patient_id)))]
    paid = {outcome.due.visit.id for outcome in prepaid}
    rest = [each for each in due if each.visit.id not in paid]
    prices = await prices_at(tx, {(each.visit.location_id, each.visit.treatment) for each in rest})
    owed = [_charge(each, prices.get((each.visit.location_id, each.visit.treatment), ())) for each in rest]
    await _write(tx, [outcome for outcome in (*prepaid, *owed) if outcome is not None])


async def settle_waiting(tx: Tx, appointment_ids: Collection[AppointmentId], *, at: datetime) -> int:
    """Try again with sessions that could not be settled when they were completed; says how many could now."""
    waiting = select(Visit).where(Visit.id.in_(sorted(appointment_ids))).order_by(Visit.completed_at, Visit.id)
    patients = {visit.patient_id for visit in await tx.scalars(waiting)}
    await accounts.hold(tx, patients)
    found = await tx.scalars(waiting, execution_options={"populate_existing": True})
    due = [Due(visit, Cause(at)) for visit in found if visit.awaits_settlement]
    await settle(tx, due, dict.fromkeys(patients, Cause(at)))
    return sum(not each.visit.awaits_settlement for each in due)


def _redeem(due: Due, wallet: Wallet | None) -> Outcome | None:
    found = wallet.redeem(due.visit, at=due.cause.at) if wallet else None
    if found is None:
        return None
    unit, fact = found
    redemption = postings.Redemption(
        appointment_id=due.visit.id,
        amount=unit.money,
        sold_at=Place(unit.package.legal_entity_id, unit.package.location_id),
        performed_at=Place(due.visit.legal_entity_id, due.visit.location_id),
        performed_on=_performed_on(due.visit),
    )
    return Outcome(due, SettlementKind.REDEEMED, fact, postings.session_redemption(redemption), unit=unit)


def _charge(due: Due, prices: Collection[Price]) -> Outcome | None:
    visit = due.visit
    price = in_force(prices, _performed_on(visit))
    if price is None:
        log.warning("session.unpriced", appointment_id=str(visit.id), location_id=str(visit.location_id))
        return None
    return _invoice(due, price) if price.amount else _waive(due)


def _invoice(due: Due, price: Price) -> Outcome:
    visit, on = due.visit, _performed_on(due.visit)
    invoice = Invoice(
        id=InvoiceId(new_id()),
        appointment_id=visit.id,
        patient_id=visit.patient_id,
        location_id=visit.location_id,
        legal_entity_id=visit.legal_entity_id,
        zone=visit.zone,
        treatment=visit.treatment,
        total=price.amount,
        currency=price.currency,
        issued_at=due.cause.at,
        performed_on=on,
    )
    fact = invoice.issue()
    posting = postings.session_invoice(visit.id, Place(visit.legal_entity_id, visit.location_id), price.money, on=on)
    return Outcome(due, SettlementKind.INVOICED, fact, posting, invoice=invoice)


def _waive(due: Due) -> Outcome:
    reason = WaiverReason.NO_CHARGE_TREATMENT
    fact = SessionWaived(
        version=1,
        at=due.cause.at,
        appointment_id=due.visit.id,
        patient_id=due.visit.patient_id,
        location_id=due.visit.location_id,
        reason=reason,
    )
    return Outcome(due, SettlementKind.WAIVED, fact, reason=reason)


async def _write(tx: Tx, outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    if invoices := [vars(outcome.invoice) for outcome in outcomes if outcome.invoice]:
        await _ISSUE(tx, **_INVOICES.of(invoices))
    settled = [_settlement(outcome) for outcome in outcomes]
    await _KEEP(tx, **_SETTLEMENTS.of(settled))
    await _NOTE(tx, **_SETTLED.of({"id": each["appointment_id"], **each} for each in settled))
    for outcome in outcomes:
        set_committed_value(outcome.due.visit, "settled_at", outcome.due.cause.at)
    await post(tx, [outcome.posting for outcome in outcomes if outcome.posting])
    for outcome in outcomes:
        outcome.due.cause.tell(tx, outcome.fact)


def _settlement(outcome: Outcome) -> dict[str, Any]:
    visit = outcome.due.visit
    return {
        "appointment_id": visit.id,
        "patient_id": visit.patient_id,
        "location_id": visit.location_id,
        "kind": outcome.kind,
        "entitlement_id": outcome.unit.id if outcome.unit else None,
        "invoice_id": outcome.invoice.id if outcome.invoice else None,
        "reason": outcome.reason,
        "settled_at": outcome.due.cause.at,
    }


def _performed_on(visit: Visit) -> date:
    if visit.performed_on is None:
        raise ValueError("the visit is not completed")
    return visit.performed_on
