"""Names for ids, for lists of services that only know ids."""

from chassis.clock import new_id
from tests.integration.conftest import MoveIn
from tests.support import booking
from tests.support.booking import BOOKING


async def test_patients_are_named_by_their_ids(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    [other, _] = await booking.patients(house, clinic, 2)

    found = await booking.desk(house, clinic).get("/patients", params={"id": [str(mary), str(other), str(new_id())]})

    assert {each["id"] for each in found.json()["items"]} == {str(mary), str(other)}
    assert found.json()["next_cursor"] is None


async def test_more_ids_than_a_page_holds_are_refused(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, _ = await booking.open_for_business(house)

    refused = await booking.desk(house, clinic).get("/patients", params={"id": [str(new_id()) for _ in range(201)]})

    assert refused.status_code == 422
