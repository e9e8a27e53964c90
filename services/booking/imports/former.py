"""Those whom history names but nobody books any more: people who have left, and rooms nobody wrote down.

Their ids follow from the location and the name, so that two batches that meet the same name make one of them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Tx
from chassis.many import among
from chassis.outbox import emit
from services.booking.places.model import Room, RoomKind
from services.booking.practitioners.model import Practitioner, Workplace
from services.booking.practitioners.usecases import initials_of
from services.booking.schedule.model import Resource
from services.booking.schedule.segments import ResourceKind

NOT_RECORDED = "Not recorded"
_KNOWN = select(Resource.id).where(among(Resource.id, "ids"))


@dataclass(frozen=True, slots=True, order=True)
class Former:
    """Somebody who treated at a location once; not active, so never offered for a booking."""

    location_id: UUID
    name: str

    @property
    def id(self) -> UUID:
        return uuid5(self.location_id, f"practitioner {self.name.casefold()}")


def unrecorded_room(location_id: UUID) -> UUID:
    """The id of the room that stands for all of which the other system said nothing."""
    return uuid5(location_id, "room not recorded")


async def add_people(tx: Tx, people: Iterable[Former], *, at: datetime) -> None:
    """Make sure that each of them is there."""
    by_id = {former.id: former for former in sorted(set(people), reverse=True)}
    for id_ in await _missing(tx, by_id):
        former = by_id[id_]
        person = Practitioner(
            id=id_,
            version=0,
            name=former.name,
            initials=initials_of(former.name),
            credential="",
            active=False,
        )
        if await _is_new(tx, id_, ResourceKind.PRACTITIONER):
            tx.add(person)
            emit(tx, person.changed([former.location_id], at=at))
            await tx.flush()
            tx.add(Workplace(practitioner_id=id_, location_id=former.location_id))
            await tx.flush()


async def add_rooms(tx: Tx, location_ids: Iterable[UUID]) -> None:
    """Make sure that each of these locations has its unrecorded room."""
    places = {unrecorded_room(location_id): location_id for location_id in set(location_ids)}
    for id_ in await _missing(tx, places):
        if await _is_new(tx, id_, ResourceKind.ROOM):
            tx.add(Room(id=id_, location_id=places[id_], name=NOT_RECORDED, kind=RoomKind.TREATMENT, active=False))
    await tx.flush()


async def _missing(tx: Tx, ids: Collection[UUID]) -> list[UUID]:
    """Those that nobody made before, in one order, so that two batches never wait for each other in a circle."""
    known = set((await tx.scalars(_KNOWN, {"ids": list(ids)})).all()) if ids else set()
    return sorted(id_ for id_ in ids if id_ not in known)


async def _is_new(tx: Tx, id_: UUID, kind: ResourceKind) -> bool:
    added = insert(Resource).values(id=id_, kind=kind).on_conflict_do_nothing().returning(Resource.id)
    return await tx.scalar(added) is not None
