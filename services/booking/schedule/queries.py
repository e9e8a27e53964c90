"""Reads that scheduling is decided from: the setting of a location, and what is occupied."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB

from chassis import straight
from chassis.db import Tx
from chassis.errors import NotFound
from contracts.values import Modality
from services.booking.places.model import Location
from services.booking.schedule.hours import AbsenceRule, Hours, ShiftRule
from services.booking.schedule.picking import Wish
from services.booking.schedule.segments import Plan
from services.booking.schedule.setting import Offer, Place, Setting, Spot, Tool, Worker
from services.booking.schedule.slots import Busy, FreeStart, Search, free_starts
from services.booking.schedule.spans import Span, Stretches
from services.booking.schedule.wall_time import day_span

Occupied = dict[UUID, list[Span]]
"""By resource: when it is taken."""

_SETTING = """
    SELECT l.id, l.zone, l.legal_entity_id, l.opening, l.exceptions, l.active,
           t.id, t.code, t.name, t.modality, t.plan, t.active,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(r.id, r.name, r.kind) ORDER BY r.name, r.id), '[]')
              FROM room r WHERE r.location_id = l.id AND r.active) AS rooms,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(d.id, d.name, d.serviced_until)
                                  ORDER BY d.name, d.id), '[]')
              FROM device d WHERE d.location_id = l.id AND d.active AND d.modality = t.modality) AS devices,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(p.id, p.name,
                     (SELECT c.valid_until FROM credential c
                       WHERE c.practitioner_id = p.id AND c.location_id = l.id AND c.modality = t.modality),
                     (SELECT coalesce(jsonb_agg(jsonb_build_array(s.weekday, s.day,
                                (extract(epoch FROM s.starts) / 60)::int, (extract(epoch FROM s.ends) / 60)::int,
                                s.from_on, s.until_on)), '[]')
                        FROM shift s WHERE s.practitioner_id = p.id AND s.location_id = l.id
                         AND (s.day IS NULL OR s.day BETWEEN $1 AND $2)),
                     (SELECT coalesce(jsonb_agg(jsonb_build_array(a.day,
                                (extract(epoch FROM a.starts) / 60)::int,
                                (extract(epoch FROM a.ends) / 60)::int)), '[]')
                        FROM absence a WHERE a.practitioner_id = p.id AND a.day BETWEEN $1 AND $2)
                   ) ORDER BY p.name, p.id), '[]')
              FROM practitioner p JOIN workplace w ON w.practitioner_id = p.id
             WHERE w.location_id = l.id AND p.active) AS practitioners
      FROM location l, treatment t
     WHERE l.id = $3 AND t.code = $4
    """

_CANDIDATES = """
    SELECT p.id FROM practitioner p JOIN workplace w ON w.practitioner_id = p.id
     WHERE w.location_id = $1 AND p.active AND ($3::uuid IS NULL OR p.id = $3)
     UNION ALL
    SELECT r.id FROM room r
     WHERE r.location_id = $1 AND r.active AND (r.kind <> 'treatment' OR $4::uuid IS NULL OR r.id = $4)
     UNION ALL
    SELECT d.id FROM device d JOIN treatment t ON t.modality = d.modality
     WHERE d.location_id = $1 AND d.active AND t.code = $2
    """

_ROSTER = (
    text(
        """
        SELECT l.zone, l.opening, l.exceptions,
               (SELECT coalesce(jsonb_agg(jsonb_build_array(r.id, r.name, r.kind)
                                      ORDER BY r.kind DESC, r.name, r.id), '[]')
                  FROM room r WHERE r.location_id = l.id AND r.active) AS rooms,
               (SELECT coalesce(jsonb_agg(jsonb_build_array(p.id, p.name, p.initials, p.credential,
                         (SELECT coalesce(jsonb_agg(jsonb_build_array(s.weekday, s.day,
                                    (extract(epoch FROM s.starts) / 60)::int, (extract(epoch FROM s.ends) / 60)::int,
                                    s.from_on, s.until_on)), '[]')
                            FROM shift s WHERE s.practitioner_id = p.id AND s.location_id = l.id
                             AND (s.day IS NULL OR s.day = :day)),
                         (SELECT coalesce(jsonb_agg(jsonb_build_array(a.day,
                                    (extract(epoch FROM a.starts) / 60)::int,
                                    (extract(epoch FROM a.ends) / 60)::int)), '[]')
                            FROM absence a WHERE a.practitioner_id = p.id AND a.day = :day)
                       ) ORDER BY p.name, p.id), '[]')
                  FROM practitioner p JOIN workplace w ON w.practitioner_id = p.id
                 WHERE w.location_id = l.id) AS practitioners
          FROM location l WHERE l.id = :location_id
        """
    )
    .bindparams(bindparam("day", type_=Date), bindparam("location_id", type_=Uuid))
    .columns(opening=JSONB, exceptions=JSONB, rooms=JSONB, practitioners=JSONB)
)

_OCCUPIED = """
    SELECT resource_id, starts_at, ends_at FROM claim
     WHERE resource_id = ANY($1::uuid[]) AND starts_at >= $2::timestamptz - interval '1 day'
       AND starts_at < $3 AND ends_at > $2 AND appointment_id IS DISTINCT FROM $4::uuid
    """
_BUSY = """
    SELECT resource_id, array_agg(floor(date_part('epoch', starts_at))::bigint),
           array_agg(ceil(date_part('epoch', ends_at))::bigint) FROM claim
     WHERE resource_id = ANY($1::uuid[]) AND starts_at >= $2::timestamptz - interval '1 day'
       AND starts_at < $3 AND ends_at > $2 AND appointment_id IS DISTINCT FROM $4::uuid
     GROUP BY resource_id
    """
"""No claim is longer than a day, so the index is read between two bounds, whatever the length of the history."""


async def setting(
    tx: Tx, location_id: UUID, treatment: str, *, first: date, last: date, is_booked: bool = False
) -> Setting:
    """Location, treatment and everything that could be booked for it between two local days; `NotFound` if unknown.

    A treatment that is no longer on offer is there for a visit that is booked already.
    """
    found = await straight.fetch(tx, _SETTING, first, last, location_id, treatment)
    place, offer = (_place(found[0][:6]), _offer(found[0][6:12])) if found else (None, None)
    if place is None or offer is None or not place.active or not (offer.active or is_booked):
        known = await tx.scalar(select(Location.id).where(Location.id == location_id, Location.active))
        raise NotFound(kind="treatment", id=treatment) if known else NotFound(kind="location", id=str(location_id))
    rooms, devices, practitioners = found[0][12:]
    return Setting(
        place=place,
        offer=offer,
        workers=tuple(_worker(each, each[2]) for each in practitioners),
        rooms=tuple(Spot(UUID(id_), name) for id_, name, kind in rooms if kind == "treatment"),
        bays=tuple(Spot(UUID(id_), name) for id_, name, kind in rooms if kind == "numbing_bay"),
        tools=tuple(Tool(UUID(id_), name, date.fromisoformat(until)) for id_, name, until in devices),
    )


async def candidates(tx: Tx, location_id: UUID, treatment: str, wish: Wish) -> set[UUID]:
    """What a visit with this wish might occupy, the patient aside: for those who lock it before they look closer."""
    asked = (location_id, treatment, wish.practitioner_id, wish.room_id)
    return {row[0] for row in await straight.fetch(tx, _CANDIDATES, *asked)}


async def occupied(
    tx: Tx, resource_ids: Collection[UUID], first: datetime, last: datetime, *, but: UUID | None = None
) -> Occupied:
    """When these are taken between two instants, leaving out what the visit `but` itself occupies."""
    taken: Occupied = defaultdict(list)
    for resource_id, starts_at, ends_at in await straight.fetch(tx, _OCCUPIED, list(resource_ids), first, last, but):
        taken[resource_id].append(Span(starts_at, ends_at))
    return taken


async def busy(
    tx: Tx, resource_ids: Collection[UUID], first: datetime, last: datetime, *, but: UUID | None = None
) -> Busy:
    """The same for whoever looks at weeks: in numbers, which takes a third of the time."""
    rows = await straight.fetch(tx, _BUSY, list(resource_ids), first, last, but)
    return {resource_id: Stretches(starts, ends) for resource_id, starts, ends in rows}


@dataclass(frozen=True, slots=True)
class Person:
    """A practitioner as the day's page names them."""

    worker: Worker
    initials: str
    credential: str


@dataclass(frozen=True, slots=True)
class Roster:
    """A location on one day: hours, rooms and people, also those who have left."""

    zone: str
    hours: Hours
    rooms: tuple[tuple[UUID, str, str], ...]
    """Id, name and kind; treatment rooms first."""
    people: tuple[Person, ...]


async def roster(tx: Tx, location_id: UUID, day: date) -> Roster:
    """Who and what there is at a location on a day; `NotFound` for an unknown one."""
    row = (await tx.execute(_ROSTER, {"location_id": location_id, "day": day})).one_or_none()
    if row is None:
        raise NotFound(kind="location", id=str(location_id))
    return Roster(
        zone=row.zone,
        hours=Hours(row.opening, row.exceptions),
        rooms=tuple((UUID(id_), name, kind) for id_, name, kind in row.rooms),
        people=tuple(Person(_worker(each, None), initials=each[2], credential=each[3]) for each in row.practitioners),
    )


@dataclass(frozen=True, slots=True)
class Moving:
    """A visit that looks for another time: it lasts as it was booked, and does not stand in its own way."""

    appointment_id: UUID
    patient_id: UUID
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Free time that somebody looks for."""

    location_id: UUID
    treatment: str
    days: Sequence[date]
    practitioner_id: UUID | None = None
    """None: whoever is free."""
    moving: Moving | None = None


async def free(tx: Tx, sought: Sought, *, now: datetime) -> list[FreeStart]:
    """Every time on these days at which a visit could begin."""
    days, moving = sought.days, sought.moving
    is_booked = moving is not None
    here = await setting(tx, sought.location_id, sought.treatment, first=days[0], last=days[-1], is_booked=is_booked)
    first, last = day_span(days[0], here.place.zone)[0], day_span(days[-1], here.place.zone)[1]
    patient_id = moving.patient_id if moving else None
    needed = here.resource_ids() | ({patient_id} if patient_id else set())
    taken = await busy(tx, needed, first, last, but=moving.appointment_id if moving else None)
    search = Search(
        setting=here,
        plan=here.plan_here(moving.plan if moving else here.offer.plan),
        days=days,
        taken=taken,
        not_before=now,
        wish=Wish(sought.practitioner_id),
        patient_id=patient_id,
    )
    return list(free_starts(search))


def _place(row: Sequence[Any]) -> Place:
    id_, zone, legal_entity_id, opening, exceptions, active = row
    return Place(id_, zone, legal_entity_id, Hours(opening, exceptions), active)


def _offer(row: Sequence[Any]) -> Offer:
    id_, code, name, modality, plan, active = row
    return Offer(id_, code, name, Modality(modality), Plan(**plan), active)


def _worker(row: list[Any], until: str | None) -> Worker:
    id_, name, *_, shifts, absences = row
    return Worker(
        UUID(id_),
        name,
        _day(until),
        tuple(
            ShiftRule(weekday, _day(day), starts, ends, _day(from_on), _day(until_on))
            for weekday, day, starts, ends, from_on, until_on in shifts
        ),
        tuple(AbsenceRule(date.fromisoformat(day), starts, ends) for day, starts, ends in absences),
    )


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None
