from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from contracts.values import AppointmentId, ItemId, LocationId, LotId, StockLevelId
from services.inventory.stock.model import (
    Lot,
    LotExpiresOtherwise,
    LotKnownBy,
    LotState,
    Move,
    MovementType,
    StockLevel,
)
from services.inventory.usage.model import ClosedAlready, ClosedByReceipt, Discrepancy, DiscrepancyKind

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def a_level(on_hand: int, *, reorder_point: int) -> StockLevel:
    return StockLevel(
        id=StockLevelId(uuid4()),
        item_id=ItemId(UUID(int=1)),
        location_id=LocationId(UUID(int=2)),
        on_hand=on_hand,
        reorder_point=reorder_point,
        version=0,
    )


def test_the_fall_below_the_reorder_point_is_told_once_and_again_after_it_was_filled_up() -> None:
    level = a_level(10, reorder_point=8)

    told = [level.change(by, at=NOW) for by in (-2, -1, -1, +5, -4)]

    assert [low and low.on_hand for low in told] == [None, 7, None, None, 7]
    assert [low.version for low in told if low] == [1, 2]


def test_a_higher_reorder_point_tells_at_once_and_a_lower_one_does_not() -> None:
    level = a_level(5, reorder_point=0)

    assert level.reorder_at(5, at=NOW) is None
    low = level.reorder_at(6, at=NOW)
    assert low is not None
    assert low.reorder_point == 6
    assert level.reorder_at(7, at=NOW) is None
    assert level.reorder_at(1, at=NOW) is None


def test_a_shortage_is_told_each_time_with_a_version_of_its_own() -> None:
    level = a_level(-1, reorder_point=0)

    assert [level.fall_short(at=NOW).version for _ in range(2)] == [1, 2]


def test_a_label_that_contradicts_a_known_lot_is_refused() -> None:
    lot = Lot(id=LotId(uuid4()), item_id=ItemId(uuid4()), lot_number="A1", expires_on=TODAY, state=LotState.USABLE)

    lot.must_expire_on(TODAY)
    with pytest.raises(LotExpiresOtherwise) as refused:
        lot.must_expire_on(date(2027, 1, 1))
    assert (refused.value.fields["known"], refused.value.fields["told"]) == ("2026-11-23", "2027-01-01")


def a_discrepancy(kind: DiscrepancyKind, quantity: int = 3) -> Discrepancy:
    usage = Move(
        id=uuid4(),
        type=MovementType.USAGE,
        item_id=ItemId(uuid4()),
        lot_id=LotId(uuid4()),
        location_id=LocationId(uuid4()),
        quantity=-quantity,
        occurred_at=NOW,
        source_id=uuid4(),
        appointment_id=AppointmentId(uuid4()),
        known_by=LotKnownBy.PICK,
    )
    return Discrepancy.open(uuid4(), kind, usage, quantity=quantity, used_on=TODAY)


def test_a_shortage_is_closed_by_the_last_of_it() -> None:
    shortage, receipt = a_discrepancy(DiscrepancyKind.SHORT), uuid4()

    shortage.cover(2, by=receipt, at=NOW)
    assert (shortage.open_quantity, shortage.closed_at) == (1, None)
    shortage.cover(1, by=receipt, at=NOW)

    assert (shortage.open_quantity, shortage.closed_at, shortage.closed_by) == (0, NOW, receipt)


def test_a_person_closes_an_incident_once_and_never_a_shortage() -> None:
    incident, anybody = a_discrepancy(DiscrepancyKind.EXPIRED_USED), uuid4()

    incident.acknowledge("Called.", by=anybody, at=NOW)

    assert (incident.closed_by, incident.closing_note, incident.open_quantity) == (anybody, "Called.", 0)
    with pytest.raises(ClosedAlready):
        incident.acknowledge("Again.", by=anybody, at=NOW)
    for kind in (DiscrepancyKind.SHORT, DiscrepancyKind.UNKNOWN_LOT):
        with pytest.raises(ClosedByReceipt):
            a_discrepancy(kind).acknowledge("Never mind.", by=anybody, at=NOW)
