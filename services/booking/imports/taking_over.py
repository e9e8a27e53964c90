"""Taking sorted visits over: history in bulk, what is to come one by one through the same door as any booking.

Both are told as `appointment-imported`. History occupies nothing, and nobody is charged or written to for it; who
has a visit to come is reminded of it, but not told once more that it was booked.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, union_all

from chassis.clock import new_id
from chassis.db import Tx
from chassis.errors import DomainError
from chassis.many import Many
from chassis.outbox import emit
from contracts.booking import AppointmentStatus as Status
from services.booking.appointments import usecases as appointments
from services.booking.appointments.booking import Request
from services.booking.appointments.model import Appointment, Origin
from services.booking.imports import external
from services.booking.imports.external import Kind
from services.booking.imports.former import NOT_RECORDED, Former, add_people, add_rooms, unrecorded_room
from services.booking.imports.patients import Delivery
from services.booking.imports.results import Outcome, RowResult, Unfit
from services.booking.imports.visits import Visit, became
from services.booking.places.model import Device, Room
from services.booking.practitioners.model import Workplace
from services.booking.schedule.picking import Wish
from services.booking.schedule.usecases import lock
from services.booking.schedule.wall_time import rules_edition

_HISTORY = Many(Appointment, *Appointment.__table__.columns.keys())
_KEEP = _HISTORY.insert()


async def keep_history(tx: Tx, past: Mapping[int, Visit], delivery: Delivery) -> dict[int, RowResult]:
    """Write visits down that are over; those another batch was faster with are left as they are."""
    ids = {visit.row.external_id: new_id() for visit in past.values()}
    new = await external.take(tx, delivery.source, Kind.APPOINTMENT, ids)
    wanted = [visit for visit in past.values() if visit.row.external_id in new]
    await add_people(tx, (_former(each) for each in wanted if each.practitioner_id is None), at=delivery.at)
    await add_rooms(tx, (each.location.id for each in wanted))
    history = [_appointment(each, ids[each.row.external_id], delivery) for each in wanted]
    emit(tx, *(each.take_over(at=delivery.at) for each in history))
    if history:
        await tx.execute(_KEEP, _HISTORY.of(_columns(each) for each in history))
    return {
        number: _created(visit) if visit.row.external_id in new else RowResult(visit.row.external_id, Outcome.UNCHANGED)
        for number, visit in past.items()
    }


def by_day(visits: Mapping[int, Visit]) -> list[dict[int, Visit]]:
    """Those that might stand in each other's way, in the order of their rows."""
    days: dict[date, dict[int, Visit]] = {}
    for number, visit in visits.items():
        days.setdefault(visit.local_start.date(), {})[number] = visit
    return list(days.values())


async def book_day(tx: Tx, visits: Mapping[int, Visit], delivery: Delivery) -> dict[int, RowResult]:
    """Book several in one transaction, to see what becomes of them; everything they could occupy is locked first,
    in one order, so that a booking at a desk waits for us and never we for each other in a circle.
    """
    patients = {visit.patient_id for visit in visits.values()}
    await lock(tx, patients.union(await _standing_at(tx, {visit.location.id for visit in visits.values()})))
    results = {}
    for number, visit in visits.items():
        try:
            async with tx.begin_nested():
                results[number] = await book_one(tx, visit, delivery)
        except DomainError as error:
            results[number] = RowResult.rejected(visit.row.external_id, error)
        except TakenMeanwhile:
            results[number] = RowResult(visit.row.external_id, Outcome.UNCHANGED)
    return results


async def _standing_at(tx: Tx, locations: Collection[UUID]) -> Sequence[UUID]:
    """All that a visit at these locations could occupy, the patient aside; other locations are left in peace."""
    rooms = select(Room.id).where(Room.location_id.in_(locations))
    devices = select(Device.id).where(Device.location_id.in_(locations))
    people = select(Workplace.practitioner_id).where(Workplace.location_id.in_(locations))
    return (await tx.scalars(union_all(rooms, devices, people))).all()


async def book_one(tx: Tx, visit: Visit, delivery: Delivery) -> RowResult:
    """Book a visit that is to come, by the rules of every booking; raises why it can't be had."""
    if visit.row.practitioner and visit.practitioner_id is None:
        raise Unfit(reason=f"practitioner: nobody of this name works there: {visit.row.practitioner!r}")
    plan = visit.treatment.segments
    if visit.row.duration_minutes:
        plan = plan.lasting(visit.row.duration_minutes)
    request = Request(
        patient_id=visit.patient_id,
        location_id=visit.location.id,
        treatment=visit.treatment.code,
        local_start=visit.local_start,
        fold=visit.fold,
        wish=Wish(practitioner_id=visit.practitioner_id),
        plan=plan,
    )
    new = appointments.NewAppointment(request=request, note=visit.row.note, origin=Origin.IMPORT)
    booked = (await appointments.book(tx, new, now=delivery.at)).appointment
    if not await external.take(tx, delivery.source, Kind.APPOINTMENT, {visit.row.external_id: booked.id}):
        raise TakenMeanwhile
    if visit.row.status is not Status.BOOKED:
        await appointments.confirm(tx, booked, at=delivery.at)
    return _created(visit)


class TakenMeanwhile(Exception):
    """Another batch has taken this row over while we were at it: what we did is undone."""


def _appointment(visit: Visit, id_: UUID, delivery: Delivery) -> Appointment:
    status = became(visit.row.status, visit.starts_at, delivery.at)
    return Appointment(
        id=id_,
        version=0,
        sequence=0,
        status=status,
        origin=Origin.IMPORT,
        patient_id=visit.patient_id,
        location_id=visit.location.id,
        legal_entity_id=visit.location.legal_entity_id,
        treatment_id=visit.treatment.id,
        treatment=visit.treatment.code,
        modality=visit.treatment.modality,
        practitioner_id=visit.practitioner_id or _former(visit).id,
        room_id=unrecorded_room(visit.location.id),
        plan=visit.treatment.plan,
        local_start=visit.local_start,
        zone=visit.location.zone,
        tzdata=rules_edition(),
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        note=visit.row.note,
        booked_at=delivery.at,
        ended_at=visit.ends_at,
    )


def _columns(appointment: Appointment) -> dict[str, Any]:
    """As it goes into the table; what nobody wrote down stays empty."""
    known = vars(appointment)
    return {name: known.get(name) for name in _HISTORY.names} | {"plan": json.dumps(appointment.plan)}


def _created(visit: Visit) -> RowResult:
    return RowResult(visit.row.external_id, Outcome.CREATED, remark=visit.remark)


def _former(visit: Visit) -> Former:
    return Former(visit.location.id, visit.row.practitioner or NOT_RECORDED)
