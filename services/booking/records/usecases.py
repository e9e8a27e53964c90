"""Signing the record of a treatment, which completes the visit."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from chassis.compiled import Statement
from chassis.db import Tx, one
from chassis.errors import NotFound
from chassis.many import Many
from chassis.outbox import emit
from chassis.straight import Insertion
from contracts.values import ConsumptionLine, Modality
from services.booking.appointments.model import Appointment
from services.booking.places.depth import depth_bounds
from services.booking.places.model import Device
from services.booking.records.depth import TreatedArea, asks_for_reason, takes_second_cartridge
from services.booking.records.model import (
    AreaRow,
    DepthNotAllowed,
    DeviceNotUsable,
    ProductRow,
    RecordIncomplete,
    RecordTimesNotValid,
    TreatmentRecord,
)
from services.booking.schedule.wall_time import local_of

_insert = Insertion(TreatmentRecord)
_AREAS = Many(AreaRow, *AreaRow.__table__.columns.keys())
_KEEP_AREAS = Statement(_AREAS.insert())
_PRODUCTS = Many(ProductRow, *ProductRow.__table__.columns.keys())
_KEEP_PRODUCTS = Statement(_PRODUCTS.insert())


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    area: TreatedArea
    depth_hundredths_mm: int
    passes: int
    override_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecord:
    """What was done (BK-31); what is None is taken from the visit."""

    areas: Sequence[Area] = ()
    products: Sequence[ConsumptionLine] = ()
    aftercare_given: bool
    reaction_grade: int | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    device_id: UUID | None = None
    numbing_on_at: datetime | None = None
    numbing_off_at: datetime | None = None
    notes: str | None = None


async def complete(
    tx: Tx, appointment: Appointment, done: NewRecord, *, signed_by: str, at: datetime
) -> TreatmentRecord:
    """Sign the record and complete the visit; nothing of it can be changed afterwards (BK-33)."""
    record = TreatmentRecord(
        appointment_id=appointment.id,
        device_id=done.device_id or appointment.device_id,
        started_at=done.started_at or appointment.started_at or at,
        completed_at=done.completed_at or at,
        numbing_on_at=done.numbing_on_at,
        numbing_off_at=done.numbing_off_at,
        reaction_grade=done.reaction_grade or 0,
        aftercare_given=done.aftercare_given,
        notes=done.notes,
        signed_by=signed_by,
        signed_at=at,
    )
    fact = appointment.complete(
        started_at=record.started_at,
        completed_at=record.completed_at,
        consumption=tuple(done.products),
        second_cartridge=takes_second_cartridge(appointment.modality, [each.area for each in done.areas]),
        at=at,
    )
    _must_be_whole(appointment, done)
    _must_be_in_order(appointment, record, at)
    _depths_must_be_allowed(appointment.modality, done.areas, await _device(tx, appointment, record))
    await _keep(tx, record, done)
    emit(tx, fact)
    return record


def _must_be_whole(appointment: Appointment, done: NewRecord) -> None:
    """Nothing is guessed: neither the skin's reaction, nor when the cream that was put on came off again (BK-31)."""
    if not appointment.modality.needles:
        return
    needed = {
        "areas": bool(done.areas),
        "aftercare_given": done.aftercare_given,
        "reaction_grade": done.reaction_grade is not None,
        "numbing": done.numbing_off_at is not None or appointment.numbing_at is None,
    }
    if missing := [name for name, there in needed.items() if not there]:
        raise RecordIncomplete(missing=missing)


def _must_be_in_order(appointment: Appointment, record: TreatmentRecord, now: datetime) -> None:
    """Needling begins when the cream is off (CL-09), and nothing ends before it began."""
    arrived = appointment.arrived_at or record.started_at
    in_order = arrived <= record.started_at <= record.completed_at <= now
    if record.numbing_on_at and record.numbing_off_at:
        to_the_minute = arrived.replace(second=0, microsecond=0)  # as people write down when they put the cream on
        in_order &= to_the_minute <= record.numbing_on_at <= record.numbing_off_at <= record.started_at
    if not in_order:
        raise RecordTimesNotValid(arrived_at=arrived.isoformat(), now=now.isoformat())


def _depths_must_be_allowed(modality: Modality, areas: Sequence[Area], device: Device | None) -> None:
    least, greatest = device.depth_bounds if device else depth_bounds(modality, None)
    for each in areas:
        if not least <= each.depth_hundredths_mm <= greatest:
            raise DepthNotAllowed(area=each.area.value, allowed=[least, greatest], rule="CL-12")
        if asks_for_reason(modality, each.area, each.depth_hundredths_mm) and not each.override_reason:
            raise DepthNotAllowed(
                area=each.area.value, allowed=[least, greatest], rule="CL-15", needs="override_reason"
            )


async def _device(tx: Tx, appointment: Appointment, record: TreatmentRecord) -> Device | None:
    if record.device_id is None:
        return None
    device = await one(tx, Device, record.device_id)
    if device.location_id != appointment.location_id:
        raise NotFound(kind="device", id=str(record.device_id))
    if not device.is_usable(appointment.modality, local_of(record.started_at, appointment.zone).date()):
        raise DeviceNotUsable(serial=device.serial, rule="BK-11")
    return device


async def _keep(tx: Tx, record: TreatmentRecord, done: NewRecord) -> None:
    await _insert(tx, record)
    own = {"appointment_id": record.appointment_id}
    if done.areas:
        areas = [{**own, "position": position, **asdict(each)} for position, each in enumerate(done.areas, 1)]
        await _KEEP_AREAS(tx, **_AREAS.of(areas))
    if done.products:
        products = [
            {**own, "position": position, **each.model_dump()} for position, each in enumerate(done.products, 1)
        ]
        await _KEEP_PRODUCTS(tx, **_PRODUCTS.of(products))
