"""What identity tells: who works here and what they may do, as ids and roles."""

from enum import StrEnum
from typing import ClassVar

from contracts.envelope import Fact
from contracts.values import GrantId, LocationId, StaffId


class Role(StrEnum):
    """What a person may do at a location (CP-02)."""

    OWNER = "owner"
    MANAGER = "manager"
    FRONT_DESK = "front_desk"
    PRACTITIONER = "practitioner"
    FINANCE = "finance"
    STOCK_KEEPER = "stock_keeper"
    OPERATOR = "operator"


class StaffChanged(Fact):
    """A member of staff joined, changed or was disabled."""

    type: ClassVar[str] = "identity.staff-changed"
    aggregate: ClassVar[str] = "staff"
    key: ClassVar[str] = "staff_id"

    staff_id: StaffId
    active: bool


class GrantChanged(Fact):
    """A role was given or taken."""

    type: ClassVar[str] = "identity.grant-changed"
    aggregate: ClassVar[str] = "grant"
    key: ClassVar[str] = "grant_id"

    grant_id: GrantId
    staff_id: StaffId
    role: Role
    location_id: LocationId | None
    """None: at every location of the chain."""
    active: bool


DESK = (Role.FRONT_DESK, Role.MANAGER, Role.OWNER)
CLINICAL = (Role.PRACTITIONER, Role.MANAGER, Role.OWNER)
CLINIC = (Role.FRONT_DESK, Role.PRACTITIONER, Role.MANAGER, Role.OWNER)
MONEY = (Role.FINANCE, Role.MANAGER, Role.OWNER)
TILL = (Role.FRONT_DESK, Role.FINANCE, Role.MANAGER, Role.OWNER)
STOCK = (Role.STOCK_KEEPER, Role.MANAGER, Role.OWNER)
MANAGEMENT = (Role.MANAGER, Role.OWNER)
OPERATIONS = (Role.OPERATOR, Role.OWNER)
RECEPTION = tuple(dict.fromkeys((*CLINIC, *TILL)))
"""Who has to do with patients: receives them, treats them, takes their money."""
SHELF = tuple(dict.fromkeys((*STOCK, *CLINIC)))
"""Who keeps the shelf, or uses what lies on it."""
ACCOUNTS = tuple(dict.fromkeys((*CLINIC, *MONEY)))
"""Who has to know what was paid."""
EVERYBODY = tuple(Role)
"""Who does what kind of work (CP-02); a route names one of these groups."""
