from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from contracts.values import ItemId, LotId
from services.inventory.boms.usecases import Material
from services.inventory.stock.picking import LotOnHand, unrecorded_lot_id
from services.inventory.usage.taking import Line, Taken, by_bill, take

TODAY = date(2026, 11, 23)
NEXT_YEAR = date(2027, 11, 23)
ITEM, OTHER = ItemId(UUID(int=1)), ItemId(UUID(int=2))
LOTS = [LotId(UUID(int=number)) for number in (11, 12, 13)]


def a_lot(lot_id: LotId, on_hand: int, *, expires_on: date = NEXT_YEAR) -> LotOnHand:
    return LotOnHand(lot_id, str(lot_id.int), expires_on, datetime(2026, 11, 1, tzinfo=UTC), on_hand)


def test_a_bill_of_materials_has_two_cartridges_where_one_does_not_last() -> None:
    bill = [Material(ITEM, 1), Material(OTHER, 300)]

    assert by_bill(bill, in_pairs=()) == [Line(ITEM, 1), Line(OTHER, 300)]
    assert by_bill(bill, in_pairs={ITEM}) == [Line(ITEM, 2), Line(OTHER, 300)]
    assert by_bill([Material(ITEM, 2)], in_pairs={ITEM}) == [Line(ITEM, 2)]


def test_what_was_written_down_is_taken_whatever_lies_there() -> None:
    taken = take([Line(ITEM, 3, LOTS[0])], shelves={ITEM: [a_lot(LOTS[0], 1), a_lot(LOTS[1], 9)]}, on=TODAY)

    assert taken == [Taken(ITEM, LOTS[0], 3, is_recorded=True)]


def test_what_was_not_written_down_is_picked_from_what_the_record_leaves() -> None:
    lines = [Line(ITEM, 2), Line(ITEM, 1, LOTS[0])]

    taken = take(lines, shelves={ITEM: [a_lot(LOTS[0], 2), a_lot(LOTS[1], 9)]}, on=TODAY)

    assert taken == [Taken(ITEM, LOTS[0], 2, is_recorded=True), Taken(ITEM, LOTS[1], 1, is_recorded=False)]


def test_what_is_nowhere_comes_from_the_unrecorded_lot() -> None:
    taken = take([Line(ITEM, 5)], shelves={ITEM: [a_lot(LOTS[0], 2)]}, on=TODAY)

    assert taken == [
        Taken(ITEM, LOTS[0], 2, is_recorded=False),
        Taken(ITEM, unrecorded_lot_id(ITEM), 3, is_recorded=False),
    ]


def test_the_same_lot_written_down_twice_is_taken_once() -> None:
    taken = take([Line(ITEM, 1, LOTS[0]), Line(ITEM, 2, LOTS[0])], shelves={ITEM: []}, on=TODAY)

    assert taken == [Taken(ITEM, LOTS[0], 3, is_recorded=True)]


def test_every_item_has_an_unrecorded_lot_of_its_own() -> None:
    first, second = ItemId(uuid4()), ItemId(uuid4())

    assert unrecorded_lot_id(first) == unrecorded_lot_id(first) != unrecorded_lot_id(second)


lines = st.lists(
    st.builds(Line, st.sampled_from([ITEM, OTHER]), st.integers(1, 9), st.sampled_from([None, *LOTS])), max_size=8
)


@given(lines, st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_as_much_is_taken_as_was_used_each_lot_once(used: list[Line], on_hand: list[int]) -> None:
    shelf = [a_lot(lot_id, quantity) for lot_id, quantity in zip(LOTS, on_hand, strict=True)]

    taken = take(used, shelves={ITEM: shelf, OTHER: []}, on=TODAY)

    for item in (ITEM, OTHER):
        assert sum(each.quantity for each in taken if each.item_id == item) == sum(
            each.quantity for each in used if each.item_id == item
        )
    assert len({(each.item_id, each.lot_id) for each in taken}) == len(taken)
