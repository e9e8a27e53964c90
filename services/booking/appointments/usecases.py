"""What may be asked of an appointment."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from chassis.clock import new_id
from chassis.db import Tx, one
from chassis.errors import Conflict
from chassis.outbox import emit
from chassis.straight import Insertion
from contracts.booking import AppointmentStatus
from services.booking.appointments.booking import Place, Request, find_place
from services.booking.appointments.interval import must_keep_interval
from services.booking.appointments.model import Appointment, CancelledBy, Origin
from services.booking.appointments.queries import Visit, standing
from services.booking.schedule import usecases as claims
from services.booking.schedule.picking import Wish
from services.booking.schedule.wall_time import rules_edition

_insert = Insertion(Appointment)


class ChangedMeanwhile(Conflict):
    """Someone else changed this visit a moment ago. Look at it again, then repeat what you wanted.

    `state`, `version`, `local_start`, `practitioner_id` and `room_id` say how it is now.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAppointment:
    """A booking as it is asked for."""

    request: Request
    note: str | None = None
    override_reason: str | None = None
    """A clinician's reason to book closer than 28 days (CL-22)."""
    override_by: str | None = None
    origin: Origin = Origin.DESK


async def held(tx: Tx, appointment_id: UUID, *, version: int | None = None) -> Appointment:
    """The appointment, locked; `ChangedMeanwhile` if the caller has seen another version of it."""
    appointment = await one(tx, Appointment, appointment_id, lock=True)
    must_be_version(appointment, version)
    return appointment


def must_be_version(appointment: Appointment, seen: int | None) -> None:
    """Raise `ChangedMeanwhile`, with the present state, for a caller who has seen another version."""
    if seen is not None and seen != appointment.version:
        raise ChangedMeanwhile(
            state=appointment.status.value,
            version=appointment.version,
            local_start=appointment.local_start.isoformat(),
            practitioner_id=str(appointment.practitioner_id),
            room_id=str(appointment.room_id),
        )


async def book(tx: Tx, wanted: NewAppointment, *, now: datetime) -> Visit:
    """Hold a time for a patient: practitioner, room, device and bay are theirs from now on."""
    overrides = wanted.override_reason is not None
    place = await find_place(tx, replace(wanted.request, ignores_interval=overrides), now=now)
    appointment = _appointment(wanted, place, now)
    if wanted.origin is Origin.IMPORT:
        emit(tx, appointment.take_over(at=now))
    emit(tx, appointment.book(at=now))
    await _insert(tx, appointment)
    await claims.claim(tx, appointment.id, appointment.occupies())
    return Visit(
        appointment,
        place.patient.given_name,
        place.patient.family_name,
        place.setting.offer.name,
        place.choice.practitioner.name,
        place.choice.room.name,
        not place.patient.been_before,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTime:
    """Where a visit is moved to; what is None stays as it is."""

    local_start: datetime
    fold: int | None = None
    practitioner_id: UUID | None = None
    room_id: UUID | None = None
    override_reason: str | None = None
    override_by: str | None = None


async def move(tx: Tx, appointment: Appointment, to: NewTime, *, now: datetime) -> None:
    """Another time, practitioner or room for the same visit, in one step: the id stays, the old time is free again."""
    appointment.must_be_movable()
    if to.override_reason is not None or to.local_start.date() != appointment.local_start.date():
        appointment.interval_override, appointment.interval_override_by = to.override_reason, to.override_by
    place = await find_place(tx, _moved(appointment, to), now=now)
    await claims.free(tx, appointment.id)
    _put(appointment, place, to.local_start)
    emit(tx, appointment.move(at=now))
    await claims.claim(tx, appointment.id, appointment.occupies())


async def confirm(tx: Tx, appointment: Appointment, *, at: datetime) -> None:
    """The patient said they will come."""
    emit(tx, appointment.confirm(at=at))


async def cancel(tx: Tx, appointment: Appointment, by: CancelledBy, *, reason: str | None = None, at: datetime) -> None:
    """It will not take place; what it occupied is free again."""
    emit(tx, appointment.cancel(by, reason, at=at))
    await claims.free(tx, appointment.id)


async def check_in(tx: Tx, appointment: Appointment, *, at: datetime) -> None:
    """The patient is here."""
    emit(tx, appointment.check_in(at=at))


async def numb(tx: Tx, appointment: Appointment, *, at: datetime) -> None:
    """The numbing cream is on."""
    emit(tx, appointment.numb(at=at))


async def start(tx: Tx, appointment: Appointment, *, cream_off: bool = False, at: datetime) -> None:
    """The needling has begun; `cream_off` records that the numbing cream was taken off before."""
    emit(tx, appointment.start(cream_off=cream_off, at=at))


async def no_show(tx: Tx, appointment: Appointment, *, at: datetime) -> None:
    """The patient did not come; the room is free again."""
    emit(tx, appointment.miss(at=at))
    await claims.free(tx, appointment.id)


async def reinstate(tx: Tx, appointment: Appointment, *, at: datetime) -> None:
    """Take a no-show back, as far as its time is free and no other session was booked too close to it."""
    emit(tx, appointment.reinstate(at=at))
    wanted = appointment.occupies()
    await claims.lock(tx, (id_ for id_, _ in wanted.values()))
    await claims.must_be_free(tx, wanted)
    await _must_keep_interval(tx, appointment)
    await claims.claim(tx, appointment.id, wanted)


async def _must_keep_interval(tx: Tx, appointment: Appointment) -> None:
    if not appointment.modality.needles or appointment.interval_override is not None:
        return
    day = appointment.local_start.date()
    patient = await standing(tx, appointment.patient_id, starts_at=appointment.starts_at, day=day, but=appointment.id)
    must_keep_interval(day, patient.sessions)


def _moved(appointment: Appointment, to: NewTime) -> Request:
    """The same visit asked for again: its practitioner is kept unless another is named, its room if it is free."""
    return Request(
        patient_id=appointment.patient_id,
        location_id=appointment.location_id,
        treatment=appointment.treatment,
        local_start=to.local_start,
        fold=to.fold,
        wish=Wish(to.practitioner_id or appointment.practitioner_id, to.room_id, appointment.room_id),
        plan=appointment.segments,
        ignores_interval=appointment.interval_override is not None,
        but=appointment.id,
    )


def _appointment(wanted: NewAppointment, place: Place, now: datetime) -> Appointment:
    request = wanted.request
    appointment = Appointment(
        id=new_id(),
        version=0,
        sequence=0,
        status=AppointmentStatus.BOOKED,
        origin=wanted.origin,
        patient_id=request.patient_id,
        location_id=request.location_id,
        legal_entity_id=place.setting.place.legal_entity_id,
        treatment_id=place.setting.offer.id,
        treatment=place.setting.offer.code,
        modality=place.setting.offer.modality,
        note=wanted.note,
        interval_override=wanted.override_reason,
        interval_override_by=wanted.override_by,
        booked_at=now,
    )
    _put(appointment, place, request.local_start)
    return appointment


def _put(appointment: Appointment, place: Place, local_start: datetime) -> None:
    appointment.local_start = local_start
    appointment.zone = place.setting.place.zone
    appointment.tzdata = rules_edition()
    appointment.starts_at, appointment.ends_at = place.starts_at, place.ends_at
    appointment.practitioner_id = place.choice.practitioner.id
    appointment.room_id = place.choice.room.id
    appointment.device_id, appointment.bay_id = place.choice.device_id, place.choice.bay_id
    appointment.plan = asdict(place.plan)
