"""Who and what a visit gets at a given time: the wish where one was made, else the fairest choice that is free."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from chassis.errors import Conflict, NotFound
from services.booking.schedule.segments import Plan, ResourceKind
from services.booking.schedule.setting import Setting, Spot, Tool, Worker
from services.booking.schedule.spans import Span

Thing = TypeVar("Thing", Worker, Spot, Tool)
Taken = Mapping[UUID, Sequence[Span]]


class SlotTaken(Conflict):
    """This time is taken. Choose another one.

    `resource` says what is not free, `alternatives` lists the nearest free times.
    """


class OutsideHours(Conflict):
    """The clinic is closed then, or nobody who could do it is on shift for the whole visit."""


class NotCredentialed(Conflict):
    """The practitioner has no valid credential for this kind of needling at this location on that day."""


class NoDeviceInService(Conflict):
    """No device for this treatment is in service at this location on that day. Take another day."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller insists on; None leaves the choice to us."""

    practitioner_id: UUID | None = None
    room_id: UUID | None = None
    rather_room_id: UUID | None = None
    """Take this one if it is free: the room a visit has already."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a visit will occupy, and when."""

    practitioner: Worker
    room: Spot
    device_id: UUID | None
    bay_id: UUID | None
    spans: Mapping[ResourceKind, Span]


def pick(setting: Setting, plan: Plan, starts_at: datetime, day: date, *, taken: Taken, wish: Wish) -> Choice:
    """Everything a visit needs at this time, or the reason why it can't be had."""
    spans = plan.spans(starts_at)
    _must_be_open(setting, day, spans[ResourceKind.PATIENT])
    practitioner = _practitioner(setting, day, spans[ResourceKind.PRACTITIONER], taken=taken, wish=wish)
    room = _room(setting, spans[ResourceKind.ROOM], taken, wish)
    device = _device(setting, day, spans[ResourceKind.DEVICE], taken) if ResourceKind.DEVICE in spans else None
    bay = None
    if ResourceKind.NUMBING_BAY in spans:
        bay = _first_free(setting.bays, ResourceKind.NUMBING_BAY, spans[ResourceKind.NUMBING_BAY], taken)
    return Choice(practitioner, room, device.id if device else None, bay.id if bay else None, spans)


def is_free(resource_id: UUID, span: Span, taken: Taken) -> bool:
    return not any(span.overlaps(each) for each in taken.get(resource_id, ()))


def _must_be_open(setting: Setting, day: date, visit: Span) -> None:
    opening = setting.place.hours.span(day, setting.place.zone)
    if opening is None or not opening.covers(visit):
        raise OutsideHours(opening=setting.place.hours.on(day))


def _practitioner(setting: Setting, day: date, span: Span, *, taken: Taken, wish: Wish) -> Worker:
    """The wished one; else, of those who may, are there and are free, who has least to do that day, then by name."""
    asked = _wished(setting.workers, wish.practitioner_id, ResourceKind.PRACTITIONER)
    allowed = [worker for worker in asked if worker.may(setting.offer.modality, day)]
    if not allowed:
        raise NotCredentialed(modality=setting.offer.modality.value)
    there = [worker for worker in allowed if any(shift.covers(span) for shift in worker.works(day, setting.place.zone))]
    if not there:
        raise OutsideHours(opening=setting.place.hours.on(day))
    by_load = sorted(there, key=lambda worker: len(taken.get(worker.id, ())))  # stable: equal ones stay by name
    return _first_free(by_load, ResourceKind.PRACTITIONER, span, taken)


def _room(setting: Setting, span: Span, taken: Taken, wish: Wish) -> Spot:
    asked = _wished(setting.rooms, wish.room_id, ResourceKind.ROOM)
    rather_first = sorted(asked, key=lambda room: room.id != wish.rather_room_id)
    return _first_free(rather_first, ResourceKind.ROOM, span, taken)


def _device(setting: Setting, day: date, span: Span, taken: Taken) -> Tool:
    serviced = [tool for tool in setting.tools if day <= tool.serviced_until]
    if not serviced:
        raise NoDeviceInService(modality=setting.offer.modality.value)
    return _first_free(serviced, ResourceKind.DEVICE, span, taken)


def _wished(things: Sequence[Thing], wished: UUID | None, kind: ResourceKind) -> Sequence[Thing]:
    if wished is None:
        return things
    found = [thing for thing in things if thing.id == wished]
    if not found:
        raise NotFound(kind=kind.value, id=str(wished))
    return found


def _first_free(things: Iterable[Thing], kind: ResourceKind, span: Span, taken: Taken) -> Thing:
    for thing in things:
        if is_free(thing.id, span, taken):
            return thing
    raise SlotTaken(resource=kind.value, alternatives=[])
