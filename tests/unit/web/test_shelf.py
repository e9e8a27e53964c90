"""What of the shelf is shown, and which item somebody means."""

from datetime import date, timedelta

from chassis.clock import new_id
from contracts.values import BaseUnit
from web.clients.stock import Item, Level, LotOnShelf, Pack
from web.listing import Listing
from web.pages.deliveries import find
from web.pages.stock import chosen, figures

TODAY = date(2026, 11, 23)


def an_item(name: str, *, code: str = "", gtin: str | None = None) -> Item:
    packs = (Pack(label="box of 20", quantity=20, gtin=gtin),)
    return Item(
        id=new_id(), code=code or name.lower(), name=name, item_class="cartridge", unit=BaseUnit.EACH, packs=packs
    )


def a_lot(number: str, *, days: int, on_hand: int = 5) -> LotOnShelf:
    expires_on = TODAY + timedelta(days=days)
    return LotOnShelf(
        lot_id=new_id(), lot_number=number, expires_on=expires_on, expired=days < 0, on_hand=on_hand, state="usable"
    )


def a_level(name: str, *lots: LotOnShelf, reorder_point: int = 0) -> Level:
    on_hand = sum(lot.on_hand for lot in lots)
    low = on_hand < reorder_point
    return Level(item=an_item(name), on_hand=on_hand, reorder_point=reorder_point, low=low, lots=lots)


PLENTY = a_level("Plenty", a_lot("P-1", days=400, on_hand=80), reorder_point=10)
LOW = a_level("Low", a_lot("L-1", days=300), reorder_point=10)
STALE = a_level("Stale", a_lot("S-1", days=-3), a_lot("S-2", days=40), a_lot("S-0", days=-90, on_hand=0))
ALL = (STALE, PLENTY, LOW)


def shown(sort: str = "name", **filters: str) -> list[str]:
    asked = Listing("/l/soho/stock", {"q": "", "state": "", "kind": "", **filters}, sort)
    return [level.item.name for level in chosen(ALL, asked, TODAY)]


def test_items_are_found_by_name_and_by_any_lot() -> None:
    assert shown(q="plen") == ["Plenty"]
    assert shown(q="s-2") == ["Stale"]


def test_low_expiring_and_expired_are_different_things() -> None:
    assert shown(state="low") == ["Low"]
    assert shown(state="expiring") == ["Stale"]
    assert shown(state="expired") == ["Stale"]


def test_the_first_to_expire_comes_first() -> None:
    assert shown("expiry") == ["Stale", "Low", "Plenty"]
    assert shown("-on_hand") == ["Plenty", "Stale", "Low"]


def test_the_figures_leave_out_what_is_used_up() -> None:
    assert figures(ALL, TODAY) == {"items": 3, "low": 1, "expiring": 1, "expired": 1}


def test_an_item_is_meant_by_its_name_its_code_or_its_gtin() -> None:
    cartridge = an_item("Cartridge, 12 pins", code="cart-12", gtin="09506000134352")
    items = [an_item("Serum"), cartridge]

    assert [find(items, text) for text in (" cartridge, 12 PINS", "CART-12", "9506000134352")] == [cartridge] * 3
    assert find(items, "cartridge") is None
    assert find(items, " ") is None
