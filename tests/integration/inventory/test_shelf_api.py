"""What people see and do over HTTP: the catalogue, the shelf, deliveries, suggestions."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from contracts.values import ConsumptionLine
from services.inventory.items.model import ItemClass
from tests.integration.conftest import MoveIn
from tests.support.chain import Clinic, a_treatment
from tests.support.inventory import INVENTORY, NEXT_YEAR, PEN, TODAY, Inventory, a_session
from tests.support.tokens import a_member_of_staff

BOX_GTIN = "09506000134352"
A_BOX = {"label": "box of 20", "quantity": 20, "gtin": "9506000134352"}
A_CARTRIDGE = {"code": "cart-12", "name": "Cartridge", "item_class": "cartridge", "unit": "each", "packs": [A_BOX]}


class Desk:
    """A clinic with a stock keeper, and a practitioner who only looks."""

    def __init__(self, inventory: Inventory, clinic: Clinic) -> None:
        self.inventory, self.clinic = inventory, clinic
        self.keeper = self.client("stock_keeper")
        self.practitioner = self.client("practitioner")

    def client(self, role: str) -> httpx.AsyncClient:
        return self.inventory.house.client("inventory", a_member_of_staff(role, at=self.clinic.id))

    async def receive(self, item_id: str, *, told: dict[str, str | None] | None = None, **line: Any) -> httpx.Response:
        came = {"item_id": item_id, "lot_number": "A1", "expires_on": str(NEXT_YEAR), "quantity": 5, **line}
        body = {"location_id": str(self.clinic.id), "lines": [came], **(told or {})}
        return await self.keeper.post("/receipts", json=body)

    async def listed(self, path: str, **asked: Any) -> list[dict[str, Any]]:
        """All of a list, read two rows at a time."""
        found: list[dict[str, Any]] = []
        page: dict[str, Any] = {"next_cursor": None}
        while not found or page["next_cursor"]:
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
            page = (await self.practitioner.get(path, params={"limit": 2, **asked, **cursor})).json()
            found += page["items"]
        return found

    async def stock(self, **asked: Any) -> list[dict[str, Any]]:
        answer = await self.practitioner.get("/stock", params={"location_id": str(self.clinic.id), **asked})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found


async def a_desk(move_in: MoveIn) -> Desk:
    inventory, clinic = Inventory(await move_in(INVENTORY)), Clinic()
    await inventory.hears(clinic.told(), a_treatment())
    return Desk(inventory, clinic)


async def test_an_item_is_added_found_renamed_and_taken_out_of_use(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)

    added = await desk.keeper.post("/items", json=A_CARTRIDGE)
    path = f"/items/{added.json()['id']}"
    revised = await desk.keeper.put(path, json={"name": "Cartridge 12", "active": False})
    found = await desk.practitioner.get("/items", params={"q": "CART"})
    in_use = await desk.practitioner.get("/items", params={"active": True})

    assert added.status_code == 201, added.text
    assert added.json()["packs"] == [{"label": "box of 20", "quantity": 20, "gtin": BOX_GTIN}]
    assert (revised.json()["name"], revised.json()["packs"]) == ("Cartridge 12", [])
    assert [each["name"] for each in found.json()] == ["Cartridge 12"]
    assert in_use.json() == []
    told = await desk.inventory.told("item-changed")
    assert [(each["version"], each["active"]) for each in told] == [(1, True), (2, False)]


async def test_a_code_a_gtin_and_a_piece_are_said_only_once(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    await desk.keeper.post("/items", json=A_CARTRIDGE)

    same_code = await desk.keeper.post("/items", json={**A_CARTRIDGE, "packs": []})
    same_gtin = await desk.keeper.post("/items", json={**A_CARTRIDGE, "code": "cart-36"})
    poured = await desk.keeper.post("/items", json={**A_CARTRIDGE, "code": "c", "packs": [], "unit": "0.01ml"})
    mistyped = await desk.keeper.post("/items", json={**A_CARTRIDGE, "packs": [{**A_BOX, "gtin": "9506000134353"}]})

    assert (same_code.status_code, same_code.json()["code"]) == (409, "code_taken")
    assert (same_gtin.status_code, same_gtin.json()["code"]) == (409, "gtin_taken")
    assert (poured.status_code, poured.json()["code"]) == (422, "counted_in_pieces")
    assert (mistyped.status_code, mistyped.json()["errors"][0]["field"]) == (422, "body.packs.0.gtin")


async def test_a_delivery_is_on_the_shelf_lot_by_lot(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    item = (await desk.keeper.post("/items", json=A_CARTRIDGE)).json()["id"]

    received = await desk.receive(item, pack="box of 20", quantity=2, gtin=BOX_GTIN, lot_number=" A1 ")
    looked_up = await desk.practitioner.get(f"/receipts/{received.json()['id']}")
    listed = await desk.practitioner.get("/receipts", params={"limit": 1})

    assert received.status_code == 201, received.text
    assert [(line["lot_number"], line["quantity"]) for line in received.json()["lines"]] == [("A1", 40)]
    assert looked_up.json() == received.json()
    assert listed.json()["items"] == [received.json()]
    [stock] = await desk.stock()
    assert (stock["item"]["code"], stock["on_hand"], stock["low"]) == ("cart-12", 40, False)
    [lot] = stock["lots"]
    assert (lot["on_hand"], lot["state"], lot["expired"]) == (40, "usable", False)


async def test_deliveries_are_found_by_supplier_or_note_and_sorted_both_ways(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    item = (await desk.keeper.post("/items", json=A_CARTRIDGE)).json()["id"]
    for supplier, note in (("Northwind 100%", "DN-1"), ("Contoso", "DN-2"), (None, None)):
        assert (await desk.receive(item, told={"supplier": supplier, "reference": note})).status_code == 201

    assert [each["reference"] for each in await desk.listed("/receipts")] == [None, "DN-2", "DN-1"]
    assert [each["reference"] for each in await desk.listed("/receipts", sort="id")] == ["DN-1", "DN-2", None]
    assert [each["reference"] for each in await desk.listed("/receipts", q="northw")] == ["DN-1"]
    assert [each["reference"] for each in await desk.listed("/receipts", q="dn-")] == ["DN-2", "DN-1"]
    assert [each["reference"] for each in await desk.listed("/receipts", q="0%")] == ["DN-1"]


async def test_the_same_delivery_sent_twice_with_its_key_is_received_once(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    item = await desk.inventory.has_item()
    key = {"idempotency-key": str(uuid4())}
    line = {"item_id": str(item), "lot_number": "A1", "expires_on": str(NEXT_YEAR), "quantity": 5}
    body = {"location_id": str(desk.clinic.id), "lines": [line]}

    first = await desk.keeper.post("/receipts", json=body, headers=key)
    again = await desk.keeper.post("/receipts", json=body, headers=key)

    assert first.json() == again.json()
    assert await desk.inventory.on_hand(desk.clinic, item) == 5


async def test_a_wrong_label_is_refused_with_its_reason(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    item = str(await desk.inventory.has_item())
    await desk.receive(item)

    otherwise = await desk.receive(item, expires_on=str(NEXT_YEAR + timedelta(days=1)))
    expired = await desk.receive(item, expires_on=str(TODAY - timedelta(days=1)))
    unknown = await desk.receive(str(uuid4()))
    nothing = await desk.receive(item, quantity=0)

    assert (otherwise.status_code, otherwise.json()["code"]) == (409, "lot_expires_otherwise")
    assert otherwise.json()["known"] == str(NEXT_YEAR)
    assert (expired.status_code, expired.json()["code"]) == (422, "expired_on_receipt")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_item")
    assert (nothing.status_code, nothing.json()["code"]) == (422, "invalid_request")
    assert (await desk.stock())[0]["on_hand"] == 5


async def test_what_expires_soon_and_what_is_low_can_be_asked_for(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    soon, late = await desk.inventory.has_item("soon"), await desk.inventory.has_item("late")
    await desk.receive(str(soon), lot_number="S", expires_on=str(TODAY + timedelta(days=30)))
    await desk.receive(str(soon), lot_number="L", expires_on=str(TODAY + timedelta(days=31)))
    await desk.receive(str(late))
    points = {"points": [{"location_id": str(desk.clinic.id), "reorder_point": 6}]}

    put = await desk.keeper.put(f"/items/{late}/reorder-points", json=points)

    assert put.json()["levels"][0]["low"] is True
    [expiring] = await desk.stock(expiring_within_days=30)
    assert [lot["lot_number"] for lot in expiring["lots"]] == ["S"]
    assert [each["item"]["code"] for each in await desk.stock(low=True)] == ["late"]
    assert [told["on_hand"] for told in await desk.inventory.told("stock-low")] == [5]


async def test_a_suggestion_is_the_bill_of_materials_with_the_first_lot_to_expire(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    cartridge, serum = await desk.inventory.has_item(), await desk.inventory.has_item("s", item_class=ItemClass.SERUM)
    await desk.receive(str(cartridge), lot_number="LATE")
    await desk.receive(str(cartridge), lot_number="EARLY", expires_on=str(TODAY))
    bom = [{"item_id": str(serum), "quantity": 300}, {"item_id": str(cartridge), "quantity": 1}]

    put = await desk.keeper.put(f"/boms/{PEN}", json={"lines": bom})
    asked = {"location_id": str(desk.clinic.id), "treatment": PEN}
    today = (await desk.practitioner.get("/suggestions", params=asked)).json()
    tomorrow = {**asked, "on": str(TODAY + timedelta(days=1))}
    later = (await desk.practitioner.get("/suggestions", params=tomorrow)).json()

    assert [line["quantity"] for line in put.json()["lines"]] == [300, 1]
    assert [(each["quantity"], each["lot_number"]) for each in today] == [(300, None), (1, "EARLY")]
    assert [lot["lot_number"] for lot in today[1]["lots"]] == ["EARLY", "LATE"]
    assert later[1]["lot_number"] == "LATE"
    of_item = await desk.practitioner.get(f"/items/{cartridge}/lots", params={"location_id": str(desk.clinic.id)})
    assert [lot["lot_number"] for lot in of_item.json()] == ["EARLY", "LATE"]


async def test_every_treatment_is_listed_with_what_it_uses(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    item = await desk.inventory.has_item()
    await desk.keeper.put("/boms/not-yet-known", json={"lines": [{"item_id": str(item), "quantity": 1}]})

    listed = (await desk.practitioner.get("/boms")).json()
    unknown = await desk.keeper.put(f"/boms/{PEN}", json={"lines": [{"item_id": str(uuid4()), "quantity": 1}]})

    assert [(bom["treatment"], bom["treatment_name"], len(bom["lines"])) for bom in listed] == [
        ("not-yet-known", None, 1),
        (PEN, "Pen, face", 0),
    ]
    assert (await desk.practitioner.get(f"/boms/{PEN}")).json()["lines"] == []
    assert unknown.status_code == 404


async def test_a_safety_incident_is_closed_by_a_manager_with_a_note_and_a_shortage_is_not(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    item = await desk.inventory.has_item()
    lot = await desk.inventory.receives(
        desk.clinic, item, 1, expires_on=TODAY - timedelta(days=1), received_on=TODAY - timedelta(days=9)
    )
    await desk.inventory.hears(a_session(desk.clinic, ConsumptionLine.of(item, 2, lot)))
    found = (await desk.practitioner.get("/discrepancies", params={"state": "open"})).json()["items"]
    incident, shortage = sorted(found, key=lambda each: str(each["kind"]))
    manager, note = desk.client("manager"), {"note": "Called the patient."}

    not_mine = await desk.keeper.post(f"/discrepancies/{incident['id']}/acknowledge", json=note)
    closed = await manager.post(f"/discrepancies/{incident['id']}/acknowledge", json=note)
    again = await manager.post(f"/discrepancies/{incident['id']}/acknowledge", json=note)
    shortage_closed = await manager.post(f"/discrepancies/{shortage['id']}/acknowledge", json=note)

    assert (incident["kind"], shortage["kind"]) == ("expired_used", "short")
    assert not_mine.status_code == 403
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    assert (again.status_code, again.json()["code"]) == (409, "closed_already")
    assert [each["id"] for each in await desk.listed("/discrepancies", sort="id")] == [
        each["id"] for each in found[::-1]
    ]
    assert (shortage_closed.status_code, shortage_closed.json()["code"]) == (409, "closed_by_receipt")


async def test_another_location_does_not_exist(move_in: MoveIn) -> None:
    desk, other = await a_desk(move_in), Clinic(code="lax")
    await desk.inventory.hears(other.told())
    item = await desk.inventory.has_item()
    await desk.inventory.receives(other, item, 5)
    session = a_session(other, ConsumptionLine.of(item, 9))
    await desk.inventory.hears(session)
    elsewhere, owner = (
        {"location_id": str(other.id)},
        desk.inventory.house.client("inventory", a_member_of_staff("owner")),
    )
    receipt = (await owner.get("/receipts")).json()["items"][0]["id"]
    gap = (await owner.get("/discrepancies")).json()["items"][0]["id"]
    line = {"item_id": str(item), "lot_number": "A1", "expires_on": str(NEXT_YEAR), "quantity": 5}

    refused = [
        await desk.practitioner.get("/stock", params=elsewhere),
        await desk.practitioner.get("/exports/stock.csv", params=elsewhere),
        await desk.practitioner.get("/receipts", params=elsewhere),
        await desk.practitioner.get(f"/receipts/{receipt}"),
        await desk.practitioner.get("/discrepancies", params=elsewhere),
        await desk.practitioner.get("/suggestions", params={**elsewhere, "treatment": PEN}),
        await desk.practitioner.get(f"/items/{item}/lots", params=elsewhere),
        await desk.practitioner.get(f"/appointments/{session.appointment_id}/consumption"),
        await desk.keeper.post("/receipts", json={**elsewhere, "lines": [line]}),
        await desk.keeper.put(f"/items/{item}/reorder-points", json={"points": [{**elsewhere, "reorder_point": 1}]}),
        await desk.client("manager").post(f"/discrepancies/{gap}/acknowledge", json={"note": "x"}),
        await owner.get("/stock", params={"location_id": str(uuid4())}),
    ]

    assert [answer.status_code for answer in refused] == [404] * len(refused)
    assert (await desk.practitioner.get("/receipts")).json()["items"] == []
    assert (await desk.practitioner.get(f"/patients/{session.patient_id}/lots")).json() == []


async def test_the_shelf_is_a_file_too(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    item = await desk.keeper.post("/items", json={**A_CARTRIDGE, "name": "=cmd()"})
    await desk.receive(item.json()["id"])

    file = await desk.practitioner.get("/exports/stock.csv", params={"location_id": str(desk.clinic.id)})

    assert file.headers["content-type"].startswith("text/csv")
    header, row = file.text.splitlines()
    assert header.startswith("location,item,name,class,unit,lot_number,expires_on,state,on_hand")
    assert row == f"nyc,cart-12,'=cmd(),cartridge,each,A1,{NEXT_YEAR},usable,5,5,0"
