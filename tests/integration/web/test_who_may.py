"""Every route of every page is closed to who may not use it: a walk over all there are (CP-02, I17)."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from contracts.identity import CLINIC, CLINICAL, DESK, EVERYBODY, MANAGEMENT, MONEY, OPERATIONS, STOCK, TILL, Role
from contracts.values import LocationId
from tests.integration.house.conftest import world
from tests.integration.house.walking import World
from tests.support import booking
from tests.support.front import FROM_HERE, PLACE, Guest, a_browser, front, signed_in, words
from tests.support.identity import a_member
from web.pages.register import PAGES

__all__ = ["world"]

Roles = Sequence[Role]
WHO_CHANGES: dict[str, Roles] = {
    "POST /l/{place}/book": CLINIC,
    "POST /l/{place}/visits/{visit_id}/steps/{action}": CLINIC,
    "POST /l/{place}/visits/{visit_id}/cancel": CLINIC,
    "POST /l/{place}/visits/{visit_id}/move": CLINIC,
    "POST /l/{place}/visits/{visit_id}/reschedule": CLINIC,
    "POST /l/{place}/visits/{visit_id}/record": CLINICAL,
    "POST /l/{place}/patients/new": DESK,
    "POST /l/{place}/patients/{patient_id}/edit": DESK,
    "POST /l/{place}/packages/sell": TILL,
    "POST /l/{place}/invoices/{invoice_id}/payments": TILL,
    "POST /l/{place}/prices/{treatment}": MONEY,
    "POST /l/{place}/stock/items/{item_id}/reorder-point": STOCK,
    "POST /l/{place}/stock/items/new": STOCK,
    "POST /l/{place}/stock/items/{item_id}": STOCK,
    "POST /l/{place}/stock/materials/{treatment}": STOCK,
    "POST /l/{place}/stock/receive": STOCK,
    "POST /l/{place}/stock/discrepancies/{discrepancy_id}": MANAGEMENT,
    "POST /l/{place}/staff/new": MANAGEMENT,
    "POST /l/{place}/staff/{staff_id}/roles": MANAGEMENT,
    "POST /l/{place}/staff/{staff_id}/roles/{grant_id}/take": MANAGEMENT,
    "POST /l/{place}/staff/{staff_id}/disable": MANAGEMENT,
    "POST /l/{place}/staff/{staff_id}/enable": MANAGEMENT,
    "POST /l/{place}/staff/{staff_id}/password": MANAGEMENT,
    "POST /l/{place}/practitioners/new": MANAGEMENT,
    "POST /l/{place}/practitioners/{practitioner_id}/shifts": MANAGEMENT,
    "POST /l/{place}/practitioners/{practitioner_id}/shifts/{shift_id}/end": MANAGEMENT,
    "POST /l/{place}/practitioners/{practitioner_id}/absences": MANAGEMENT,
    "POST /l/{place}/practitioners/{practitioner_id}/absences/{absence_id}/withdraw": MANAGEMENT,
    "POST /l/{place}/practitioners/{practitioner_id}/credentials": MANAGEMENT,
    "POST /locations/new": (Role.OWNER,),
    "POST /l/{place}/treatments/new": MANAGEMENT,
    "POST /l/{place}/treatments/{treatment}": MANAGEMENT,
    "POST /l/{place}/location/hours": MANAGEMENT,
    "POST /l/{place}/location/days": MANAGEMENT,
    "POST /l/{place}/location/days/{on}/withdraw": MANAGEMENT,
    "POST /l/{place}/location/rooms": MANAGEMENT,
    "POST /l/{place}/location/devices": MANAGEMENT,
    "POST /l/{place}/location/devices/{device_id}/service": MANAGEMENT,
    "POST /l/{place}/parked/{service}/replay": OPERATIONS,
    "POST /password": EVERYBODY,
}
"""Every route that changes something, by who may."""
FEWER: dict[str, Roles] = {
    "GET /l/{place}/visits/{visit_id}/openings": CLINIC,
    "GET /l/{place}/visits/{visit_id}/record": CLINICAL,
    "GET /l/{place}/visits/{visit_id}/record/product": CLINICAL,
    "GET /locations/new": (Role.OWNER,),
    "GET /l/{place}/patients.csv": MANAGEMENT,
    "GET /l/{place}/patients/new": DESK,
    "GET /l/{place}/patients/{patient_id}/messages": CLINIC,
    "GET /l/{place}/patients/{patient_id}/lots": CLINIC,
    "GET /l/{place}/packages.csv": MONEY,
    "GET /l/{place}/invoices.csv": MONEY,
    "GET /l/{place}/prices/{treatment}": MONEY,
    "GET /l/{place}/stock/materials/{treatment}": STOCK,
    "GET /l/{place}/stock/receive": STOCK,
    "GET /l/{place}/stock/discrepancies/{discrepancy_id}": MANAGEMENT,
}
"""What only some of those see who may see the page."""
WITHOUT_A_SESSION = {"POST /sign-out"}
NEVER_ENDS = {"GET /live/{place}"}
NOTHING_TO_FIND = {f"{method} /l/{{place}}/stock/discrepancies/{{discrepancy_id}}" for method in ("GET", "POST")}
"""Only an expired lot that was used is closed with a note, and nobody used one."""
OF_THE_CHAIN = {
    "/l/{place}/book/patients/{patient_id}": "a patient may visit any location of the chain",
    "/l/{place}/patients/{patient_id}": "a patient may visit any location of the chain",
    "/l/{place}/patients/{patient_id}/edit": "a patient may visit any location of the chain",
    "/l/{place}/patients/{patient_id}/account": "shows what was sold where one works",
    "/l/{place}/patients/{patient_id}/messages": "shows those of visits where one works",
    "/l/{place}/patients/{patient_id}/lots": "shows those used where one works",
    "/l/{place}/patients/{patient_id}/timeline": "shows what happened where one works",
    "/l/{place}/treatments/{treatment}": "the chain has one catalogue",
    "/l/{place}/prices/{treatment}": "the chain has one catalogue; the price set is that of the place",
    "/l/{place}/stock/items/{item_id}": "the chain has one catalogue",
    "/l/{place}/stock/materials/{treatment}": "the chain has one catalogue",
    "/l/{place}/stock/items/{item_id}/reorder-point": "the chain has one catalogue; the point set is that of the place",
    "/l/{place}/stock/lots/{lot_id}": "number and expiry belong to the lot, what is on hand to a location",
    "/l/{place}/stock/lots/{lot_id}/trace.csv": "only its head: who it was used on belongs to a location",
    "/l/{place}/visits/{visit_id}/story": "shows what happened where one works",
    "/l/{place}/parked/{service}/replay": "about the machine, not about a location",
}
ASKED = {
    "GET /l/{place}/book/times": {"treatment": "pen-face", "day": "2026-12-22"},
    "GET /l/{place}/book/price": {"treatment": "pen-face"},
    "GET /l/{place}/visits/{visit_id}/openings": {"on": "2026-12-22"},
    "GET /l/{place}/visits/{visit_id}/record/product": {"item": "{item_id}"},
}
SENT = {
    "POST /l/{place}/visits/{visit_id}/steps/{action}": {"version": "1"},
    "POST /l/{place}/visits/{visit_id}/cancel": {"version": "1", "by": "patient"},
    "POST /l/{place}/visits/{visit_id}/reschedule": {"version": "1", "at": "2026-12-22T10:00:00"},
}
AS_JSON = {"POST /l/{place}/visits/{visit_id}/move": {"version": 1, "local_start": "2026-12-22T10:00:00"}}
ELSEWHERE = "boston"
CLOSED = {403, 404}


@dataclass(frozen=True)
class Way:
    """One method of one route of a page."""

    method: str
    path: str
    roles: Roles | None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_about_something(self) -> bool:
        """Whether the address names something beside the place."""
        return bool(set(re.findall(r"{(\w+)}", self.path)) - {"place", "on", "action", "service"})


def ways() -> Iterator[Way]:
    for page in PAGES:
        for route in page.router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods or ()):
                name = f"{method} {route.path}"
                yield Way(method, route.path, WHO_CHANGES.get(name) or FEWER.get(name) or page.roles)


WAYS = [way for way in ways() if way.name not in WITHOUT_A_SESSION]


@pytest.fixture(scope="module")
async def site(world: World) -> AsyncIterator[FastAPI]:
    """The front end; the chain has a second location at which nothing has happened."""
    async with world.chain.house.running["booking"].context.db.transaction() as tx:
        await booking.a_clinic(tx, code=ELSEWHERE)
    await world.chain.house.settle()
    async with front(world.chain.house) as site:
        yield site


async def location(world: World, code: str) -> LocationId:
    return LocationId(
        next(each["id"] for each in await world.chain.get("booking", "/locations") if each["code"] == code)
    )


async def a_guest(world: World, site: FastAPI, role: Role, *, at: str | None = PLACE) -> Guest:
    """Somebody with this role at a location, or at all of them."""
    where = await location(world, at) if at else None
    return await signed_in(site, await a_member(world.chain.house, role, at=where))


def address(world: World, way: Way, place: str) -> str:
    """With the ids of real things at the clinic."""
    ids = {
        **world.ids,
        "place": place,
        "visit_id": world.ids["appointment_id"],
        "delivery_id": world.ids["receipt_id"],
        "action": "confirm",
        "service": "booking",
    }
    return re.sub(r"{(\w+)}", lambda found: ids[found[1]], way.path)


async def ask(world: World, guest: Guest, way: Way, *, place: str = PLACE) -> httpx.Response:
    path = address(world, way, place)
    if way.method == "GET":
        asked = {name: value.format(**world.ids) for name, value in ASKED.get(way.name, {}).items()}
        return await guest.http.get(path, params=asked)
    if way.name in AS_JSON:
        headers = {**guest.own_headers, "idempotency-key": "k" * 20}
        return await guest.http.request(way.method, path, json=AS_JSON[way.name], headers=headers)
    form = {"key": "k" * 20, **SENT.get(way.name, {})}
    return await guest.http.request(way.method, path, data=form, headers=guest.own_headers)


async def test_every_route_that_changes_something_says_who_may() -> None:
    changing = {way.name for way in WAYS if way.method != "GET"}

    assert changing == set(WHO_CHANGES)
    assert set(FEWER) <= {way.name for way in WAYS}
    assert set(OF_THE_CHAIN) <= {way.path for way in WAYS}
    assert len(WAYS) > 85


async def test_without_a_session_every_route_leads_to_the_door(world: World, site: FastAPI) -> None:
    open_to_nobody: dict[str, str] = {}
    async with a_browser(site) as browser:
        for way in WAYS:
            answer = await browser.request(way.method, address(world, way, PLACE), headers=FROM_HERE)
            goal = answer.headers.get("location", "")
            if answer.status_code != 303 or not goal.startswith("/sign-in"):
                open_to_nobody[way.name] = f"{answer.status_code} {goal}"

    assert open_to_nobody == {}


@pytest.mark.parametrize("role", list(Role))
async def test_with_a_role_that_a_page_is_not_for_it_is_403(world: World, site: FastAPI, role: Role) -> None:
    guest = await a_guest(world, site, role)
    let_in: dict[str, int] = {}
    for way in WAYS:
        if role in (way.roles or ()):
            continue
        status = (await ask(world, guest, way)).status_code
        if status != 403:
            let_in[way.name] = status
    await guest.http.aclose()

    assert let_in == {}


@pytest.mark.parametrize("role", list(Role))
async def test_with_the_right_role_at_another_location_nothing_of_this_one_is_there(
    world: World, site: FastAPI, role: Role
) -> None:
    guest = await a_guest(world, site, role, at=ELSEWHERE)
    shown: dict[str, int] = {}
    for way in WAYS:
        for place in (PLACE, ELSEWHERE):
            is_theirs = place == ELSEWHERE and (not way.is_about_something or way.path in OF_THE_CHAIN)
            if "{place}" not in way.path or is_theirs:
                continue
            status = (await ask(world, guest, way, place=place)).status_code
            if status not in CLOSED:
                shown[f"{way.name} at {place}"] = status
    await guest.http.aclose()

    assert shown == {}


async def test_with_the_right_role_at_this_location_the_same_requests_are_let_in(world: World, site: FastAPI) -> None:
    """The walks above would prove nothing if their requests were refused for another reason."""
    refused: dict[str, str] = {}
    for way in WAYS:
        if way.name in NEVER_ENDS | NOTHING_TO_FIND:
            continue
        for role in set(way.roles or ()) - ({Role.MANAGER} if Role.OWNER in (way.roles or ()) else set()):
            guest = await a_guest(world, site, role, at=None)
            answer = await ask(world, guest, way)
            if answer.status_code in {401, 403, 404, 500, 503}:
                refused[f"{role}: {way.name}"] = f"{answer.status_code} {words(answer.text)[:60]}"
            await guest.http.aclose()

    assert refused == {}
