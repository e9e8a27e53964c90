"""An owner opens the first location of an empty chain, and further ones, in a browser alone."""

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from contracts.identity import Role
from tests.support.databases import TestCluster
from tests.support.everyone import everyone
from tests.support.front import Guest, front, signed_in, words
from tests.support.house import House
from tests.support.identity import a_member

FORM = {
    "name": "Fernhill Midtown",
    "city": "New York",
    "zone": "America/New_York",
    "entity_name": "Fernhill New York PLLC",
    "mon-from": "09:00",
    "mon-to": "18:00",
}


@pytest.fixture
async def house(test_cluster: TestCluster) -> AsyncIterator[House]:
    """Of a chain that has nothing yet."""
    house = House(test_cluster)
    await house.move_in(everyone())
    yield house
    await house.close()


@pytest.fixture
async def owner(house: House) -> AsyncIterator[Guest]:
    async with front(house) as site:
        guest = await signed_in(site, await a_member(house, Role.OWNER))
        yield guest
        await guest.http.aclose()


async def blank(owner: Guest) -> dict[str, str]:
    """The form as it is shown, with its hidden fields."""
    page = (await owner.get("/locations/new")).text
    return {name: _hidden(page, name) for name in ("key", "new_entity_id")}


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, name
    return found[1]


async def test_the_first_location_is_where_an_owner_begins(owner: Guest) -> None:
    start = await owner.get("/")
    form = {**FORM, **await blank(owner)}

    answers = [await owner.post("/locations/new", form) for _ in range(2)]

    assert (start.status_code, start.headers["location"]) == (303, "/locations/new")
    assert [each.status_code for each in answers] == [303, 303], words(answers[0].text)
    goal = answers[0].headers["location"]
    assert goal == "/l/fernhill-midtown/location?done=opened"
    page = await owner.read(goal)
    assert "The location is open." in page
    assert "Fernhill New York PLLC" in page
    assert (await owner.get("/")).headers["location"] == "/l/fernhill-midtown/day"


async def test_a_second_one_belongs_to_the_same_legal_entity_or_to_another(owner: Guest) -> None:
    first = {**FORM, **await blank(owner)}
    await owner.post("/locations/new", first)
    same = {**FORM, **await blank(owner), "name": "Brooklyn", "entity": first["new_entity_id"], "entity_name": ""}
    other = {**FORM, **await blank(owner), "name": "Venice", "entity": "another", "entity_name": "Fernhill LLC"}

    answers = [await owner.post("/locations/new", form) for form in (same, other)]

    assert [each.status_code for each in answers] == [303, 303], words(answers[0].text)
    assert "Fernhill New York PLLC" in await owner.read("/l/brooklyn/location")
    assert "Fernhill LLC" in await owner.read("/l/venice/location")


async def test_what_is_wrong_stands_at_the_field_and_nothing_is_opened(owner: Guest) -> None:
    await owner.post("/locations/new", {**FORM, **await blank(owner)})
    empty = {
        "name": "",
        "city": "",
        "zone": "Mars/Olympus",
        "mon-from": "18:00",
        "mon-to": "09:00",
        "key": str(uuid4()),
    }

    wrong = words((await owner.post("/locations/new", {**await blank(owner), **empty})).text)
    taken = await owner.post("/locations/new", {**FORM, **await blank(owner), "code": "fernhill-midtown"})

    for said in (
        "Enter what patients call it",
        "Enter the city",
        "There is no such time zone.",
        "The first time has to be before the second.",
        "Enter the company that treats and invoices there.",
    ):
        assert said in wrong, said
    assert taken.status_code == 422
    assert "Another location has this code already." in words(taken.text)


async def test_who_does_not_own_the_chain_opens_nothing(house: House, owner: Guest) -> None:
    async with front(house) as site:
        manager = await signed_in(site, await a_member(house, Role.MANAGER))
        answers = [await manager.get("/locations/new"), await manager.post("/locations/new", {**FORM, "key": "k" * 20})]
        nowhere = await manager.get("/")
        await manager.http.aclose()

    assert [each.status_code for each in answers] == [403, 403]
    assert "This chain has no location yet" in words(nowhere.text)
    assert (await owner.get("/")).headers["location"] == "/locations/new"
