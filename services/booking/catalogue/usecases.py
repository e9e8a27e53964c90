"""Putting a treatment on offer, changing it, and taking it off again."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from chassis.clock import new_id
from chassis.db import Tx, one, violated
from chassis.outbox import emit
from contracts.values import Modality
from services.booking.catalogue.model import OfferChanged, Treatment
from services.booking.places.model import CodeTaken
from services.booking.schedule.segments import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTreatment:
    code: str
    name: str
    modality: Modality
    plan: Plan
    colour: str = "#6b7fa3"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedOffer:
    """All that may change: the code is in prices and packages, the modality decides about credentials and devices."""

    name: str
    plan: Plan
    colour: str
    active: bool


async def change_treatment(tx: Tx, treatment_id: UUID, to: ChangedOffer, *, seen: int, at: datetime) -> Treatment:
    """For visits that are booked from now on; those that are booked keep their plan (BK-05). Nothing told if all is so.

    `OfferChanged` for who has seen another version; `MinutesNotAllowed` outside CL-07 and CL-09.
    """
    treatment = await one(tx, Treatment, treatment_id, lock=True)
    if seen != treatment.version:
        raise OfferChanged(version=treatment.version)
    changed = {
        "name": to.name,
        "plan": asdict(Plan.checked(**asdict(to.plan))),
        "colour": to.colour,
        "active": to.active,
    }
    if changed != {name: getattr(treatment, name) for name in changed}:
        for name, value in changed.items():
            setattr(treatment, name, value)
        emit(tx, treatment.changed(at=at))
    return treatment


async def add_treatment(tx: Tx, new: NewTreatment, *, at: datetime) -> Treatment:
    """Offer a treatment chain-wide; its minutes have to be within CL-07 and CL-09."""
    plan = Plan.checked(**asdict(new.plan))
    treatment = Treatment(
        id=new_id(),
        version=0,
        code=new.code,
        name=new.name,
        modality=new.modality,
        colour=new.colour,
        plan=asdict(plan),
        active=True,
    )
    tx.add(treatment)
    emit(tx, treatment.changed(at=at))
    try:
        await tx.flush()
    except IntegrityError as error:
        if violated(error) == "uq_treatment_code":
            raise CodeTaken(taken=new.code) from error
        raise
    return treatment
