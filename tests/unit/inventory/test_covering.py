from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.values import ItemId, LotId
from services.inventory.discrepancies.covering import Come, Gap, cover

TODAY = date(2026, 11, 23)
LONG_AGO = TODAY - timedelta(days=100)
ITEM, OTHER = ItemId(UUID(int=1)), ItemId(UUID(int=2))
NOBODY_KNOWS = LotId(UUID(int=99))
A, B = LotId(UUID(int=11)), LotId(UUID(int=12))


def a_gap(number: int, quantity: int = 1, *, lot: LotId = NOBODY_KNOWS, used_days_ago: int = 0) -> Gap:
    used_on = TODAY - timedelta(days=used_days_ago)
    return Gap(UUID(int=number), ITEM, lot, lot == NOBODY_KNOWS, quantity, used_on)


def some(lot: LotId, quantity: int, *, expires_in: int = 100, item: ItemId = ITEM) -> Come:
    return Come(item, lot, TODAY + timedelta(days=expires_in), quantity)


def covered(gaps: list[Gap], come: list[Come], *, arrived_on: date = LONG_AGO) -> list[tuple[int, LotId, int]]:
    return [(each.gap.id.int, each.lot_id, each.quantity) for each in cover(gaps, come, arrived_on=arrived_on)]


def test_the_oldest_gap_is_covered_first_and_the_next_as_far_as_it_goes() -> None:
    assert covered([a_gap(1, 2), a_gap(2, 2)], [some(A, 3)]) == [(1, A, 2), (2, A, 1)]


def test_a_gap_may_take_several_lots_the_first_to_expire_in_front() -> None:
    assert covered([a_gap(1, 3)], [some(A, 2, expires_in=9), some(B, 2, expires_in=5)]) == [(1, B, 2), (1, A, 1)]


def test_a_lot_that_was_written_down_is_covered_by_that_lot_alone_and_before_unknown_ones() -> None:
    gaps = [a_gap(1, 2), a_gap(2, 2, lot=A), a_gap(3, 1, lot=LotId(UUID(int=13)))]

    assert covered(gaps, [some(A, 3)]) == [(2, A, 2), (1, A, 1)]


def test_a_delivery_explains_nothing_unknown_that_was_used_before_its_day() -> None:
    gaps = [a_gap(1, used_days_ago=2), a_gap(2, used_days_ago=1), a_gap(3, lot=A, used_days_ago=9)]

    assert covered(gaps, [some(A, 9)], arrived_on=TODAY - timedelta(days=1)) == [(3, A, 1), (2, A, 1)]


def test_a_lot_explains_nothing_that_was_used_after_it_expired_nor_another_item() -> None:
    gap = a_gap(1)

    assert covered([gap], [some(A, 5, expires_in=-1), some(B, 5, item=OTHER)]) == []
    assert covered([gap], [some(A, 5, expires_in=0)]) == [(1, A, 1)]


gaps = st.lists(
    st.builds(a_gap, st.integers(1, 10**6), st.integers(1, 9), lot=st.sampled_from([NOBODY_KNOWS, A, B])),
    max_size=8,
    unique_by=lambda gap: gap.id,
)
deliveries = st.lists(
    st.builds(some, st.sampled_from([A, B]), st.integers(1, 20), expires_in=st.integers(-2, 2)),
    max_size=2,
    unique_by=lambda come: come.lot_id,
)


@given(gaps, deliveries)
def test_no_more_is_explained_than_came_nor_than_was_missing(open_gaps: list[Gap], come: list[Come]) -> None:
    came = {each.lot_id: each.quantity for each in come}

    covers = cover(open_gaps, come, arrived_on=LONG_AGO)

    for lot_id in (A, B):
        assert sum(each.quantity for each in covers if each.lot_id == lot_id) <= came.get(lot_id, 0)
    for gap in open_gaps:
        assert sum(each.quantity for each in covers if each.gap is gap) <= gap.quantity
    assert all(each.quantity > 0 for each in covers)
