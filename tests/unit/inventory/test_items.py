from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import BaseUnit, ItemId
from services.inventory.items.gtin import check_digit, checked
from services.inventory.items.model import CountedInPieces, Item, ItemClass, Pack, UnknownPack

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
ITEM = ItemId(UUID(int=1))


def an_item(item_class: ItemClass = ItemClass.CARTRIDGE, *, unit: BaseUnit = BaseUnit.EACH, packs: int = 0) -> Item:
    boxes = [Pack(item_id=ITEM, label=f"box {size}", quantity=size, gtin=None) for size in range(1, packs + 1)]
    return Item(id=ITEM, version=0, code="i", name="I", item_class=item_class, unit=unit, active=True, packs=boxes)


def test_packs_are_exact_numbers_of_base_units() -> None:
    item = an_item(packs=20)

    assert item.in_base_units(3, "box 20") == 60
    assert item.in_base_units(3, None) == 3
    with pytest.raises(UnknownPack):
        item.in_base_units(1, "crate")


@pytest.mark.parametrize("item_class", [each for each in ItemClass if each.is_single_use])
def test_what_is_used_once_is_counted_in_pieces(item_class: ItemClass) -> None:
    with pytest.raises(CountedInPieces):
        an_item(item_class, unit=BaseUnit.CENTI_ML).added(at=NOW)


def test_a_serum_may_be_counted_in_hundredths_of_a_millilitre() -> None:
    told = an_item(ItemClass.SERUM, unit=BaseUnit.CENTI_ML).added(at=NOW)

    assert (told.version, told.unit) == (1, BaseUnit.CENTI_ML)


def test_a_revision_tells_the_new_name_and_whether_it_is_in_use() -> None:
    item = an_item(packs=2)

    told = item.revise(name="J", active=False, at=NOW)

    assert (told.name, told.active, told.version) == ("J", False, 1)
    assert len(item.packs) == 2


@pytest.mark.parametrize("digits", ["9506000134352", "09506000134352", "96385074", "036000291452"])
def test_a_true_gtin_is_kept_as_fourteen_digits(digits: str) -> None:
    assert checked(digits) == digits.zfill(14)


@pytest.mark.parametrize("digits", ["9506000134353", "123", "95060001343521", "9506000I34352", "٩٥٠٦٠٠٠١٣٤٣٥٢"])
def test_a_mistyped_gtin_is_refused(digits: str) -> None:
    with pytest.raises(ValueError, match="GTIN"):
        checked(digits)


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(thirteen: str, place: int, by: int) -> None:
    whole = thirteen + str(check_digit(thirteen))
    wrong = whole[:place] + str((int(whole[place]) + by) % 10) + whole[place + 1 :]

    with pytest.raises(ValueError, match="check digit"):
        checked(wrong)
