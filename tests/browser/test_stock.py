"""Putting deliveries on the shelf by keyboard and scanner, and following a lot to a patient and back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.site import Site
from tests.support.story import Story
from tests.support.window import PLACE, sign_in

GTIN = "09506000134352"


@pytest.fixture
async def item(story: Story) -> dict[str, Any]:
    """An item that nobody has received yet, in boxes of twenty with a GTIN of their own."""
    unique = uuid4().hex[:8]
    body = {"code": f"tip-{unique}", "name": f"Test tip {unique}", "item_class": "rf_tip", "unit": "each"}
    packs = [{"label": "box of 20", "quantity": 20, "gtin": a_gtin(unique)}]
    added: dict[str, Any] = await story.owner.post("inventory", "/items", {**body, "packs": packs})
    return added


async def test_a_delivery_is_typed_without_touching_the_mouse(page: Page, site: Site, item: dict[str, Any]) -> None:
    await sign_in(page, site.account("stock_keeper"), to=f"/l/{PLACE}/stock")
    await page.keyboard.press("n")
    await expect(box(page, 0).get_by_label("Item")).to_be_focused()

    for typed in (item["name"], "LOT-A"):
        await page.keyboard.type(typed)
        await page.keyboard.press("Enter")
    await page.keyboard.type(as_typed(next_year()))
    await page.keyboard.press("Enter")
    await page.keyboard.type("12")
    await page.keyboard.press("Enter")
    await expect(box(page, 1).get_by_label("Item")).to_be_focused()
    await page.keyboard.press("Control+Enter")

    await expect(page.get_by_role("status").filter(has_text="on the shelf")).to_be_visible()
    row = page.get_by_role("row", name=item["name"])
    await expect(row).to_contain_text("LOT-A")
    await expect(row.get_by_role("cell").last).to_have_text("12")


async def test_a_scanned_box_fills_its_line_and_the_same_box_counts_one_more(
    page: Page, site: Site, item: dict[str, Any]
) -> None:
    gtin, expires = item["packs"][0]["gtin"], next_year()
    scan = f"]d201{gtin}17{expires:%y%m%d}10LOT-S"
    await open_receiving(page, site)

    for _ in range(3):
        await page.keyboard.type(scan)
        await page.keyboard.press("Enter")

    first = box(page, 0)
    await expect(first.get_by_label("Item")).to_have_value(item["name"])
    await expect(first.get_by_label("Lot number")).to_have_value("LOT-S")
    await expect(first.get_by_label("Expiry")).to_have_value(expires.isoformat())
    await expect(first.get_by_label("Quantity")).to_have_value("3")
    await expect(first.get_by_label("Counted in")).to_have_value("box of 20")
    await expect(page.locator("#scan-said")).to_contain_text("3 so far")
    await page.get_by_role("button", name="Put on the shelf").click()
    await expect(page.get_by_role("row", name=item["name"]).get_by_role("cell").last).to_have_text("60")


async def test_a_box_that_nobody_knows_is_told_and_kept(page: Page, site: Site) -> None:
    await open_receiving(page, site)

    await page.keyboard.type(f"(01){GTIN}(10)X")
    await page.keyboard.press("Enter")

    await expect(page.locator("#scan-said")).to_contain_text(f"No item of the catalogue has the GTIN {GTIN}")


async def test_a_refused_line_is_told_where_it_stands(page: Page, site: Site, item: dict[str, Any]) -> None:
    await open_receiving(page, site)
    await fill(box(page, 0), item, lot="GOOD", expires=next_year())
    await fill(box(page, 1), item, lot="STALE", expires=date(2024, 1, 31))
    await box(page, 2).get_by_label("Item").fill("no such thing")

    await page.get_by_role("button", name="Put on the shelf").click()
    await expect(box(page, 2).get_by_text("Choose an item of the catalogue")).to_be_visible()
    await box(page, 2).get_by_label("Item").fill("")
    await page.get_by_role("button", name="Put on the shelf").click()

    await expect(box(page, 1).get_by_text("expired already")).to_be_visible()
    await expect(box(page, 0).get_by_label("Lot number")).to_have_value("GOOD")


async def test_a_lot_leads_to_the_patient_and_the_patient_to_the_lot(page: Page, site: Site, story: Story) -> None:
    visit = await story.one_visit(package=False)
    assert await story.has_settled(visit)
    await sign_in(page, site.account("owner"), to=f"/l/{PLACE}/patients/{visit.patient_id}/lots")

    await page.get_by_role("region", name="Lots used").get_by_role("link").first.click()
    await expect(page.get_by_role("heading", name="Used on")).to_be_visible()
    await page.get_by_role("region", name="Sessions it was used in").get_by_role("link", name="Imogen").first.click()

    await expect(page.get_by_role("heading", level=1)).to_contain_text("Imogen Story")


async def test_an_item_is_low_below_the_point_that_was_set(page: Page, site: Site, item: dict[str, Any]) -> None:
    await open_receiving(page, site)
    await fill(box(page, 0), item, lot="LOW-1", expires=next_year())
    await page.get_by_role("button", name="Put on the shelf").click()
    await expect(page.get_by_role("status").filter(has_text="on the shelf")).to_be_visible()

    await page.goto(f"/l/{PLACE}/stock/items?q={item['code']}")
    await page.get_by_label(f"Reorder {item['name']} below").fill("50")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Saved")).to_be_visible()
    await page.goto(f"/l/{PLACE}/stock?q={item['code']}")

    await expect(page.get_by_role("rowheader", name=item["name"])).to_contain_text("Low")


@pytest.mark.parametrize(
    ("scan", "read"),
    [
        ("]C101095060001343521727113010LOT1", {"gtin": GTIN, "lot": "LOT1", "expires": "2027-11-30"}),
        ("010950600013435210LOT1\u001d17280200", {"gtin": GTIN, "lot": "LOT1", "expires": "2028-02-29"}),
        (
            "(01)09506000134352(17)271130(10)Lot 1(21)S-9",
            {"gtin": GTIN, "lot": "Lot 1", "expires": "2027-11-30", "serial": "S-9"},
        ),
        ("0109506000134352112401011728022910A", {"gtin": GTIN, "lot": "A", "expires": "2028-02-29"}),
        ("010950600013435310LOT1", None),
        ("01095060001343521727023010LOT1", None),
        ("01095060001343521727", None),
        ("Needle cartridge", None),
        ("", None),
    ],
)
async def test_a_scan_is_read_as_gs1_wrote_it(page: Page, site: Site, scan: str, read: dict[str, str] | None) -> None:
    """IV-24 to IV-27: fixed and variable elements, a day 00, a wrong check digit, a day that no month has."""
    await open_receiving(page, site)

    found = await page.evaluate(
        """async (scan) => {
            const script = document.querySelector('script[src$="/js/receive.js"]').src;
            const { read } = await import(script.replace('receive.js', 'gs1.js'));
            return read(scan);
        }""",
        scan,
    )

    assert (found and {name: value for name, value in found.items() if value is not None}) == read


def box(page: Page, index: int) -> Locator:
    return page.locator("[data-box]").nth(index)


async def open_receiving(page: Page, site: Site) -> None:
    await sign_in(page, site.account("stock_keeper"), to=f"/l/{PLACE}/stock/receive")
    await expect(box(page, 0).get_by_label("Item")).to_be_focused()


async def fill(line: Locator, item: dict[str, Any], *, lot: str, expires: date) -> None:
    await line.get_by_label("Item").fill(item["name"])
    await line.get_by_label("Lot number").fill(lot)
    await line.get_by_label("Expiry").fill(expires.isoformat())
    await line.get_by_label("Quantity").fill("5")


def next_year() -> date:
    return datetime.now(UTC).date() + timedelta(days=365)


def as_typed(day: date) -> str:
    """The keys that a date field of an American browser takes."""
    return f"{day:%m%d%Y}"


def a_gtin(unique: str) -> str:
    """A GTIN-14 with its check digit, made from random letters and digits."""
    digits = f"1{int(unique, 16) % 10**12:012}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
