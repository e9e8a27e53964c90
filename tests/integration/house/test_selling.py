"""A sale does not wait for the fact that a patient was registered: the desk does both in one breath."""

from uuid import uuid4

from tests.integration.conftest import MoveIn
from tests.support.everyone import a_package, a_patient, everyone, open_chain, settle


async def test_a_package_is_sold_to_a_patient_whose_registration_is_still_on_its_way(move_in: MoveIn) -> None:
    chain = await open_chain(await move_in(*everyone()))
    patient = await chain.do("booking", "/patients", a_patient(chain, "new"))

    sold = await chain.do("billing", "/packages", a_package(chain, patient["id"]))
    await settle(chain.house)

    account = await chain.get("billing", f"/patients/{patient['id']}/account")
    assert [each["id"] for each in account["packages"]] == [sold["id"]]


async def test_nobody_is_sold_to_who_is_not_a_patient(move_in: MoveIn) -> None:
    chain = await open_chain(await move_in(*everyone()))

    refused = await chain.client("billing").post("/packages", json=a_package(chain, str(uuid4())))

    assert (refused.status_code, refused.json()["kind"]) == (404, "patient")
