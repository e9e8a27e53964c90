"""Which lot went into whom, and which lots a patient got (IV-18)."""

from datetime import timedelta
from uuid import uuid4

from contracts.values import ConsumptionLine, LotId, PatientId
from tests.integration.conftest import MoveIn
from tests.support.chain import Clinic
from tests.support.house import NOON
from tests.support.inventory import INVENTORY, Inventory, a_session
from tests.support.tokens import a_member_of_staff


async def test_a_lot_is_followed_to_its_patients_at_both_locations_and_to_what_is_left(move_in: MoveIn) -> None:
    """AC-2, as far as there are no transfers: two patients, two locations, four left."""
    inventory, here, there = Inventory(await move_in(INVENTORY)), Clinic(code="nyc"), Clinic(code="lax")
    item = await inventory.has_item()
    lot = await inventory.receives(here, item, 5)
    await inventory.receives(there, item, 1)
    first, second = (a_session(clinic, ConsumptionLine.of(item, 1, lot)) for clinic in (here, there))
    await inventory.hears(first, second)
    owner = inventory.house.client("inventory", a_member_of_staff("owner"))
    local = inventory.house.client("inventory", a_member_of_staff("stock_keeper", at=here.id))

    trace = (await owner.get(f"/lots/{lot}/trace")).json()
    local_trace = (await local.get(f"/lots/{lot}/trace")).json()
    file = await local.get(f"/lots/{lot}/trace.csv")

    assert {each["patient_id"] for each in trace["used_on"]} == {str(first.patient_id), str(second.patient_id)}
    assert sorted(each["quantity"] for each in trace["received"]) == [1, 5]
    assert trace["on_hand"] == [{"location_id": str(here.id), "on_hand": 4}]
    assert [each["patient_id"] for each in local_trace["used_on"]] == [str(first.patient_id)]
    assert [each["location_id"] for each in local_trace["received"]] == [str(here.id)]
    assert len(file.text.splitlines()) == 2
    assert str(first.patient_id) in file.text


async def test_a_patient_is_followed_back_to_all_lots(move_in: MoveIn) -> None:
    inventory, clinic, patient = Inventory(await move_in(INVENTORY)), Clinic(), PatientId(uuid4())
    item = await inventory.has_item()
    lot = await inventory.receives(clinic, item, 5)
    earlier = a_session(clinic, ConsumptionLine.of(item, 1, lot), patient_id=patient, at=NOON - timedelta(days=30))
    picked = a_session(clinic, ConsumptionLine.of(item, 2), patient_id=patient)
    await inventory.hears(picked, earlier, a_session(clinic, ConsumptionLine.of(item, 1)))
    practitioner = inventory.house.client("inventory", a_member_of_staff("practitioner", at=clinic.id))

    found = (await practitioner.get(f"/patients/{patient}/lots")).json()
    consumption = (await practitioner.get(f"/appointments/{picked.appointment_id}/consumption")).json()

    assert [(each["quantity"], each["is_recorded"]) for each in found] == [(2, False), (1, True)]
    assert {each["lot_id"] for each in found} == {str(lot)}
    assert consumption["lines_from"] == "record"
    assert [line["quantity"] for line in consumption["lines"]] == [2]


async def test_a_usage_moved_to_its_late_delivery_is_traced_to_that_lot_alone(move_in: MoveIn) -> None:
    inventory, clinic = Inventory(await move_in(INVENTORY)), Clinic()
    item = await inventory.has_item()
    unknown = LotId(uuid4())
    session = a_session(clinic, ConsumptionLine.of(item, 1, unknown))
    await inventory.hears(session)
    owner = inventory.house.client("inventory", a_member_of_staff("owner"))
    provisional = (await owner.get("/lots", params={"state": "provisional", "item_id": str(item)})).json()

    lot = await inventory.receives(clinic, item, 5)

    assert str(unknown) in {each["id"] for each in provisional}
    before, after = [(await owner.get(f"/lots/{each}/trace")).json() for each in (unknown, lot)]
    assert (before["used_on"], before["on_hand"]) == ([], [])
    [used] = after["used_on"]
    assert (used["appointment_id"], used["is_recorded"]) == (str(session.appointment_id), False)
    assert after["on_hand"] == [{"location_id": str(clinic.id), "on_hand": 4}]


async def test_a_lot_is_found_by_what_is_printed_on_the_box(move_in: MoveIn) -> None:
    inventory, clinic = Inventory(await move_in(INVENTORY)), Clinic()
    item = await inventory.has_item()
    for number in ("LOT-1", "lot-2", "X%1"):
        await inventory.receives(clinic, item, 1, lot=number)
    owner = inventory.house.client("inventory", a_member_of_staff("owner"))

    found = [(await owner.get("/lots", params={"q": begins})).json() for begins in ("lot-", "x%", "%")]
    looked_at = await owner.get(f"/lots/{found[0][0]['id']}")
    unknown = await owner.get(f"/lots/{uuid4()}/trace")

    assert [[each["lot_number"] for each in lots] for lots in found] == [["LOT-1", "lot-2"], ["X%1"], []]
    assert looked_at.json()["on_hand"] == [{"location_id": str(clinic.id), "on_hand": 1}]
    assert unknown.status_code == 404
