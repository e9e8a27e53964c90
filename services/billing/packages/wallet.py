"""All that one patient has prepaid: which unit pays for which visit, decided in memory under the account's lock."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

from contracts.billing import EntitlementFact, SessionRedeemed
from contracts.values import AppointmentId
from services.billing.packages.model import Entitlement, Package, UnitState
from services.billing.visits.model import Visit


class Wallet:
    """A patient's packages with their units.

    The package that expires first is used first, then the oldest. Visits are served in the order of their
    start, those that were completed but not settled yet among them, so that which visits are covered depends on
    what is booked, not on the order in which it became known.
    """

    def __init__(self, packages: Iterable[Package] = ()) -> None:
        self.packages = sorted(packages, key=_use_first)

    def redeem(self, visit: Visit, *, at: datetime) -> tuple[Entitlement, SessionRedeemed] | None:
        """Pay for a completed session from the unit that is kept for it; None when there is none."""
        unit = next((unit for unit in self._units(UnitState.RESERVED) if unit.appointment_id == visit.id), None)
        return (unit, unit.redeem(visit, at=at)) if unit else None

    def arrange(self, visits: Iterable[Visit], *, at: datetime) -> Iterator[EntitlementFact]:
        """Keep a unit for each visit that needs one as far as they reach, and let go of all others (BK-23)."""
        wanted = self._assign([visit for visit in visits if visit.needs_a_unit])
        for unit in self._units(UnitState.RESERVED):
            if wanted.get(unit.appointment_id, (None, None))[1] is not unit.package:
                yield unit.release(at=at)
        held = {unit.appointment_id for unit in self._units(UnitState.RESERVED)}
        for visit, package in wanted.values():
            if visit.id not in held:
                yield package.in_state(UnitState.AVAILABLE)[0].reserve(visit, at=at)

    def _assign(self, visits: list[Visit]) -> dict[AppointmentId | None, tuple[Visit, Package]]:
        left = Counter({package.id: package.remaining for package in self.packages})
        wanted: dict[AppointmentId | None, tuple[Visit, Package]] = {}
        for visit in sorted(visits, key=lambda each: (each.starts_at, each.id)):
            able = (each for each in self.packages if left[each.id] and each.covers(visit.treatment, visit.covered_at))
            if package := next(able, None):
                left[package.id] -= 1
                wanted[visit.id] = (visit, package)
        return wanted

    def _units(self, state: UnitState) -> list[Entitlement]:
        return [unit for package in self.packages for unit in package.in_state(state)]


def _use_first(package: Package) -> tuple[date, datetime, UUID]:
    return (package.expires_on or date.max, package.sold_at, package.id)
