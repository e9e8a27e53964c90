"""Putting a treatment on offer."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from chassis.clock import new_id
from chassis.db import Tx, violated
from chassis.outbox import emit
from contracts.values import Modality
from services.booking.catalogue.model import Treatment
from services.booking.places.model import CodeTaken
from services.booking.schedule.segments import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTreatment:
    code: str
    name: str
    modality: Modality
    plan: Plan
    colour: str = "#6b7fa3"


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
