from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.values import LotId
from services.inventory.stock.picking import LotOnHand, Pick, in_order, is_expired, pick

TODAY = date(2026, 11, 23)
MORNING = datetime(2026, 11, 1, 9, tzinfo=UTC)


def a_lot(number: int, *, expires_in: int = 100, on_hand: int = 5, received: int = 0, name: str = "L") -> LotOnHand:
    return LotOnHand(
        LotId(UUID(int=number)), name, TODAY + timedelta(days=expires_in), MORNING + timedelta(days=received), on_hand
    )


lots = st.builds(
    a_lot,
    st.integers(1, 10**6),
    expires_in=st.integers(-3, 3),
    on_hand=st.integers(-5, 20),
    received=st.integers(0, 3),
    name=st.sampled_from("ABC"),
)
shelves = st.lists(lots, max_size=12, unique_by=lambda lot: lot.lot_id)


def test_a_lot_is_good_on_its_expiry_date_and_not_on_the_next() -> None:
    assert not is_expired(TODAY, on=TODAY)
    assert is_expired(TODAY, on=TODAY + timedelta(days=1))


def test_the_first_to_expire_goes_first_then_the_first_that_came_then_by_lot_number() -> None:
    later = a_lot(1, expires_in=9)
    came_second, came_first = a_lot(2, received=2, expires_in=5), a_lot(3, received=1, expires_in=5, name="B")
    same_day = a_lot(4, received=1, expires_in=5, name="A")

    order = in_order([later, came_second, came_first, same_day], on=TODAY)

    assert order == [same_day, came_first, came_second, later]


def test_a_need_is_split_over_lots_when_one_is_not_enough() -> None:
    first, second = a_lot(1, expires_in=1, on_hand=2), a_lot(2, expires_in=2, on_hand=9)

    picked = pick([second, first], needed=5, on=TODAY)

    assert picked.picks == (Pick(first.lot_id, 2), Pick(second.lot_id, 3))
    assert picked.missing == 0


def test_an_expired_lot_is_never_picked_even_when_nothing_else_is_there() -> None:
    picked = pick([a_lot(1, expires_in=-1)], needed=1, on=TODAY)

    assert (picked.picks, picked.missing) == ((), 1)


@given(shelves, st.integers(1, 60))
def test_a_pick_is_exact_and_never_takes_what_is_not_there_or_no_longer_good(
    shelf: list[LotOnHand], needed: int
) -> None:
    by_id = {lot.lot_id: lot for lot in shelf}

    picked = pick(shelf, needed=needed, on=TODAY)

    assert sum(each.quantity for each in picked.picks) + picked.missing == needed
    assert all(0 < each.quantity <= by_id[each.lot_id].on_hand for each in picked.picks)
    assert all(by_id[each.lot_id].expires_on >= TODAY for each in picked.picks)
    assert len({each.lot_id for each in picked.picks}) == len(picked.picks)


@given(shelves, st.integers(1, 60))
def test_no_lot_is_left_on_the_shelf_that_expires_before_one_that_was_picked(
    shelf: list[LotOnHand], needed: int
) -> None:
    by_id = {lot.lot_id: lot for lot in shelf}

    picked = pick(shelf, needed=needed, on=TODAY)

    taken = {each.lot_id: each.quantity for each in picked.picks}
    left = [lot for lot in in_order(shelf, on=TODAY) if lot.on_hand > taken.get(lot.lot_id, 0)]
    assert all(by_id[each].expires_on <= lot.expires_on for each in taken for lot in left)
    assert not (picked.missing and left)
