"""What the clinics have on their shelves: enough for all that is played, some of it ageing, one thing too scarce."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from embedded.demo.diary import Fate, Visit
from embedded.demo.opening_day import Known, Owner
from embedded.demo.stage import BROOKLYN, CLINICS, ITEMS, MIDTOWN, USES, Clinic, Item

SUPPLIER = "Meridian Medical Supply"
OLD_LOT_DAYS, SOON_LOT_DAYS, FRESH_LOT_DAYS = 9, 40, 420
"""How long after the end of the story a lot may still be used."""
SHORT = (BROOKLYN.code, "lidocaine-4")
"""One product of one clinic ends below its reorder point."""
AGEING = {(MIDTOWN.code, "ha-serum"): OLD_LOT_DAYS, (MIDTOWN.code, "cartridge-36"): SOON_LOT_DAYS}
"""More of an old lot than is used up: it is still there when the story ends."""


@dataclass(frozen=True, slots=True)
class Line:
    item: Item
    lot_number: str
    expires_on: date
    packs: int


def deliveries(clinic: Clinic, visits: Iterable[Visit], until: date) -> list[Line]:
    """What this clinic receives once, before its first visit; `until` is the last day of the story."""
    used: Counter[str] = Counter()
    for visit in visits:
        if visit.slot.clinic is clinic and visit.fate is Fate.COMPLETED and visit.slot.day <= until:
            used.update(USES.get(visit.slot.treatment.code, {}))
    return [line for item in ITEMS for line in _lines(clinic, item, used[item.code], until)]


def _lines(clinic: Clinic, item: Item, used: int, until: date) -> Iterator[Line]:
    """An older lot that goes first, and a fresh one behind it."""
    packs_used = -(-used // item.pack)
    spare = 1 if (clinic.code, item.code) == SHORT else item.reorder_packs * 2
    days = AGEING.get((clinic.code, item.code))
    older = packs_used + 1 if days else packs_used // 2
    fresh = max(packs_used + spare - older, 1)
    name = f"{item.code[:2].upper()}{clinic.area_code}"
    if older:
        yield Line(item, f"{name}-A", until + timedelta(days=days or SOON_LOT_DAYS), older)
    yield Line(item, f"{name}-B", until + timedelta(days=FRESH_LOT_DAYS), fresh)


async def stock_up(owner: Owner, known: Known, visits: list[Visit], until: date) -> None:
    """Receive everything, and say below how much of what somebody should order."""
    for clinic in CLINICS:
        location_id = str(known.locations[clinic.code])
        lines = [_body(line, known) for line in deliveries(clinic, visits, until)]
        await owner.ask(
            "inventory",
            "POST",
            "/receipts",
            location_id=location_id,
            lines=lines,
            supplier=SUPPLIER,
            reference="PO-1001",
        )
    for item in ITEMS:
        points = [
            {"location_id": str(location_id), "reorder_point": item.reorder_packs * item.pack}
            for location_id in known.locations.values()
        ]
        await owner.ask("inventory", "PUT", f"/items/{known.items[item.code]}/reorder-points", points=points)


def _body(line: Line, known: Known) -> dict[str, Any]:
    return {
        "item_id": str(known.items[line.item.code]),
        "lot_number": line.lot_number,
        "expires_on": line.expires_on.isoformat(),
        "quantity": line.packs * line.item.pack,
    }
