"""Taking people on who treat, and telling when they are there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select

from chassis.clock import new_id
from chassis.db import Tx, one
from chassis.errors import NotFound
from chassis.outbox import emit
from contracts.values import Modality
from services.booking.places.model import Location
from services.booking.practitioners.model import (
    Absence,
    Credential,
    Practitioner,
    Shift,
    ShiftNotValid,
    ShiftOverlaps,
    VisitsInTheWay,
    Workplace,
)
from services.booking.schedule.hours import minutes_of
from services.booking.schedule.model import Claim
from services.booking.schedule.segments import ResourceKind
from services.booking.schedule.usecases import add_resource, lock
from services.booking.schedule.wall_time import opening_instant

Planned = TypeVar("Planned", Shift, Absence)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    modality: Modality
    valid_until: date
    location_ids: tuple[UUID, ...] | None = None
    """None: at each of the practitioner's locations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPractitioner:
    name: str
    credential: str
    location_ids: tuple[UUID, ...]
    initials: str | None = None
    credentials: Sequence[NewCredential] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShift:
    location_id: UUID
    starts: str
    ends: str
    weekday: int | None = None
    """0 is Monday."""
    day: date | None = None
    from_on: date | None = None
    until_on: date | None = None


async def add_practitioner(tx: Tx, new: NewPractitioner, *, at: datetime) -> Practitioner:
    """Somebody who treats; without a credential for a modality they are not booked for it (BK-10)."""
    practitioner = Practitioner(
        id=new_id(),
        version=0,
        name=new.name,
        initials=new.initials or initials_of(new.name),
        credential=new.credential,
        active=True,
    )
    await add_resource(tx, practitioner.id, ResourceKind.PRACTITIONER)
    tx.add(practitioner)
    emit(tx, practitioner.changed(list(new.location_ids), at=at))
    await tx.flush()
    tx.add_all(Workplace(practitioner_id=practitioner.id, location_id=each) for each in set(new.location_ids))
    latest = {
        (location_id, each.modality): each.valid_until
        for each in sorted(new.credentials, key=lambda each: each.valid_until)
        for location_id in each.location_ids or new.location_ids
    }
    tx.add_all(
        Credential(practitioner_id=practitioner.id, location_id=location_id, modality=modality, valid_until=until)
        for (location_id, modality), until in latest.items()
    )
    await tx.flush()
    return practitioner


async def add_shift(tx: Tx, practitioner_id: UUID, new: NewShift) -> Shift:
    """They are there: every week on a weekday, or on one day, which may go beyond the hours of that weekday.

    `ShiftOverlaps` with another weekly shift there, or with another one on that day. Who is expected at two locations
    is booked at one of them at a time all the same.
    """
    await one(tx, Practitioner, practitioner_id)
    ordered = minutes_of(new.starts) < minutes_of(new.ends)
    dated = new.from_on is not None and new.until_on is not None and new.until_on < new.from_on
    here = await tx.get(Workplace, (practitioner_id, new.location_id))
    if here is None or not ordered or dated or (new.weekday is None) == (new.day is None):
        raise ShiftNotValid
    shift = Shift(
        id=new_id(),
        practitioner_id=practitioner_id,
        location_id=new.location_id,
        weekday=new.weekday,
        day=new.day,
        starts=time.fromisoformat(new.starts),
        ends=time.fromisoformat(new.ends),
        from_on=new.from_on,
        until_on=new.until_on,
    )
    await lock(tx, [practitioner_id])
    if await tx.scalar(select(_overlapping(shift).exists())):
        raise ShiftOverlaps
    tx.add(shift)
    await tx.flush()
    return shift


def _overlapping(shift: Shift) -> Select[Shift]:
    same_time = (Shift.starts < shift.ends, Shift.ends > shift.starts)
    theirs = (
        select(Shift).filter_by(practitioner_id=shift.practitioner_id, location_id=shift.location_id).where(*same_time)
    )
    if shift.day:
        return theirs.where(Shift.day == shift.day)
    return theirs.where(
        Shift.weekday == shift.weekday,
        func.coalesce(Shift.from_on, date.min) <= (shift.until_on or date.max),
        func.coalesce(Shift.until_on, date.max) >= (shift.from_on or date.min),
    )


async def shift_of(tx: Tx, practitioner_id: UUID, shift_id: UUID) -> Shift:
    """One of their shifts, locked."""
    return await _of_theirs(tx, Shift, shift_id, practitioner_id)


def end_shift(shift: Shift, *, until_on: date) -> None:
    """The last day of a weekly shift; visits that are booked later stay until they are moved."""
    ended = shift.until_on is not None and shift.until_on < until_on
    begins_later = shift.from_on is not None and shift.from_on > until_on
    if shift.weekday is None or ended or begins_later:
        raise ShiftNotValid
    shift.until_on = until_on


async def withdraw_absence(tx: Tx, practitioner_id: UUID, absence_id: UUID) -> None:
    """They are there after all."""
    await tx.delete(await _of_theirs(tx, Absence, absence_id, practitioner_id))


async def certify(
    tx: Tx, practitioner_id: UUID, *, location_id: UUID, modality: Modality, valid_until: date
) -> Credential:
    """May needle in this way at a location up to a day; a day of before is replaced (BK-10)."""
    if await tx.get(Workplace, (practitioner_id, location_id)) is None:
        raise NotFound(kind="practitioner", id=str(practitioner_id))
    await lock(tx, [practitioner_id])
    key = (practitioner_id, location_id, modality)
    credential = await tx.get(Credential, key)
    if credential is None:
        credential = Credential(
            practitioner_id=practitioner_id, location_id=location_id, modality=modality, valid_until=valid_until
        )
        tx.add(credential)
    credential.valid_until = valid_until
    await tx.flush()
    return credential


async def _of_theirs(tx: Tx, kind: type[Planned], key: UUID, practitioner_id: UUID) -> Planned:
    found = await one(tx, kind, key, lock=True)
    if found.practitioner_id != practitioner_id:
        raise NotFound(kind=kind.__name__.lower(), id=str(key))
    return found


async def add_absence(
    tx: Tx, practitioner_id: UUID, day: date, *, starts: str | None = None, ends: str | None = None
) -> Absence:
    """They are not there after all; refused while visits are booked in that time, and it says which (BK-12).

    The same again is one absence, so that taking it back takes it back.
    """
    await one(tx, Practitioner, practitioner_id)
    if (starts is None) != (ends is None) or (starts and ends and minutes_of(starts) >= minutes_of(ends)):
        raise ShiftNotValid
    await lock(tx, [practitioner_id])
    minutes = minutes_of(starts) if starts else 0, minutes_of(ends) if ends else 24 * 60
    if in_the_way := await _visits_within(tx, practitioner_id, day, minutes):
        raise VisitsInTheWay(appointment_ids=[str(each) for each in in_the_way])
    times = {name: time.fromisoformat(at) if at else None for name, at in (("starts", starts), ("ends", ends))}
    same = select(Absence).filter_by(practitioner_id=practitioner_id, day=day, **times)
    if known := (await tx.scalars(same.limit(1))).first():
        return known
    absence = Absence(id=new_id(), practitioner_id=practitioner_id, day=day, **times)
    tx.add(absence)
    await tx.flush()
    return absence


async def _visits_within(tx: Tx, practitioner_id: UUID, day: date, minutes: tuple[int, int]) -> Sequence[UUID]:
    zones = await tx.scalars(
        select(Location.zone)
        .join(Workplace, Workplace.location_id == Location.id)
        .where(Workplace.practitioner_id == practitioner_id)
        .distinct()
    )
    found: dict[UUID, None] = {}
    for zone in sorted(zones.all()):
        first, last = (opening_instant(day, each, zone) for each in minutes)
        theirs = (Claim.resource_id == practitioner_id, Claim.starts_at < last, Claim.ends_at > first)
        ids = await tx.scalars(select(Claim.appointment_id).where(*theirs))
        found.update(dict.fromkeys(ids))
    return list(found)


def initials_of(name: str) -> str:
    """`Maya Ortiz` → `MO`."""
    words = name.split()
    return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper()
