"""What a visit is made of and whom or what each part of it occupies (BK-05..09)."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from chassis.errors import Refused
from services.booking.schedule.spans import Span

GRID_MINUTES = 5
PROCEDURE_MINUTES = range(15, 91)
"""CL-07."""
NUMBING_MINUTES = range(15, 61)
"""CL-09; 0 for a treatment without numbing."""
OTHER_MINUTES_MAX = 60


class SegmentKind(StrEnum):
    CHECKIN = "checkin"
    NUMBING = "numbing"
    PROCEDURE = "procedure"
    AFTERCARE = "aftercare"
    CLEANING = "cleaning"


class ResourceKind(StrEnum):
    """What can be occupied by one visit at a time (BK-06)."""

    PATIENT = "patient"
    PRACTITIONER = "practitioner"
    ROOM = "room"
    DEVICE = "device"
    NUMBING_BAY = "numbing_bay"


class MinutesNotAllowed(Refused):
    """A part of the visit is too short, too long, or not in steps of five minutes.

    `segment` says which one, `allowed` the least and the greatest number of minutes.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The ordered segments of a visit in minutes, as they were when it was booked."""

    checkin: int = 5
    numbing: int = 0
    procedure: int
    aftercare: int = 10
    cleaning: int = 15
    numbing_elsewhere: bool = True
    """Numbing in a bay: practitioner, room and device are free meanwhile (BK-07)."""
    uses_device: bool = True
    device_turnaround: int = 5

    @property
    def patient_minutes(self) -> int:
        """How long the patient is there; cleaning is not included (BK-08)."""
        return self.checkin + self.numbing + self.procedure + self.aftercare

    def segments(self) -> list[tuple[SegmentKind, int]]:
        """In order, without those that take no time."""
        minutes = ((kind, int(getattr(self, kind.value))) for kind in SegmentKind)
        return [(kind, taken) for kind, taken in minutes if taken]

    def needs(self) -> dict[ResourceKind, tuple[int, int]]:
        """Minutes from the start, `[from, to)`, for which each kind of resource is occupied."""
        procedure = self.checkin + self.numbing
        work = procedure if self.numbing_elsewhere else self.checkin
        done = procedure + self.procedure
        leaves = done + self.aftercare
        needs = {
            ResourceKind.PATIENT: (0, leaves),
            ResourceKind.PRACTITIONER: (work, leaves),
            ResourceKind.ROOM: (work, leaves + self.cleaning),
        }
        if self.uses_device:
            needs[ResourceKind.DEVICE] = (work, done + self.device_turnaround)
        if self.numbing and self.numbing_elsewhere:
            needs[ResourceKind.NUMBING_BAY] = (self.checkin, procedure)
        return needs

    def spans(self, starts_at: datetime) -> dict[ResourceKind, Span]:
        """The same, placed at an instant."""
        return {
            kind: Span(starts_at + timedelta(minutes=first), starts_at + timedelta(minutes=last))
            for kind, (first, last) in self.needs().items()
        }

    def lasting(self, patient_minutes: int) -> "Plan":
        """The same visit with another length: the procedure takes what the others leave."""
        rest = self.patient_minutes - self.procedure
        return Plan.checked(**{**asdict(self), "procedure": patient_minutes - rest})

    @classmethod
    def checked(cls, **minutes: Any) -> Self:
        """A plan within CL-07 and CL-09, else `MinutesNotAllowed`."""
        plan = cls(**minutes)
        _within(SegmentKind.PROCEDURE, plan.procedure, PROCEDURE_MINUTES)
        if plan.numbing:
            _within(SegmentKind.NUMBING, plan.numbing, NUMBING_MINUTES)
        for kind in (SegmentKind.CHECKIN, SegmentKind.AFTERCARE, SegmentKind.CLEANING):
            _within(kind, int(getattr(plan, kind.value)), range(OTHER_MINUTES_MAX + 1))
        return plan


def _within(kind: SegmentKind, minutes: int, allowed: range) -> None:
    if minutes not in allowed or minutes % GRID_MINUTES:
        raise MinutesNotAllowed(
            segment=kind.value, minutes=minutes, allowed=[allowed.start, allowed.stop - 1], step=GRID_MINUTES
        )
