"""Everything a booking at one location is decided from, loaded at once and then only looked at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self
from uuid import UUID

from contracts.values import Modality
from services.booking.schedule.hours import AbsenceRule, Hours, ShiftRule, working
from services.booking.schedule.segments import Plan
from services.booking.schedule.spans import Span


@dataclass(frozen=True, slots=True)
class Place:
    id: UUID
    zone: str
    legal_entity_id: UUID
    hours: Hours
    active: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """The treatment asked for."""

    id: UUID
    code: str
    name: str
    modality: Modality
    plan: Plan
    active: bool


@dataclass(frozen=True, slots=True)
class Worker:
    """A practitioner of this location."""

    id: UUID
    name: str
    credential_until: date | None
    """Last day of the credential for this modality here; None without one (BK-10)."""
    shifts: tuple[ShiftRule, ...]
    absences: tuple[AbsenceRule, ...]

    def may(self, modality: Modality, day: date) -> bool:
        """Whether they may do this on that day; nothing is needed where nothing is needled."""
        return not modality.needles or (self.credential_until is not None and day <= self.credential_until)

    def works(self, day: date, zone: str) -> list[Span]:
        return working(self.shifts, self.absences, day, zone)


@dataclass(frozen=True, slots=True)
class Spot:
    """A room or a numbing bay."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A device for this modality."""

    id: UUID
    name: str
    serviced_until: date


@dataclass(frozen=True, slots=True)
class Setting:
    """One location and one treatment; everything in it is active, and sorted by name."""

    place: Place
    offer: Offer
    workers: tuple[Worker, ...]
    rooms: tuple[Spot, ...]
    bays: tuple[Spot, ...]
    tools: tuple[Tool, ...]

    def resource_ids(self) -> set[UUID]:
        """All that a visit here might occupy, the patient aside."""
        kinds: tuple[Sequence[Worker | Spot | Tool], ...] = (self.workers, self.rooms, self.bays, self.tools)
        return {each.id for kind in kinds for each in kind}

    def only(self, ids: Collection[UUID]) -> Self:
        """The same, without the people and things that are not among these."""
        return replace(
            self,
            workers=tuple(each for each in self.workers if each.id in ids),
            rooms=tuple(each for each in self.rooms if each.id in ids),
            bays=tuple(each for each in self.bays if each.id in ids),
            tools=tuple(each for each in self.tools if each.id in ids),
        )

    def plan_here(self, plan: Plan) -> Plan:
        """Where there is no numbing bay, numbing takes place in the treatment room (BK-07)."""
        return plan if self.bays else replace(plan, numbing_elsewhere=False)
