"""What people see and do at billing's doors, and what they are refused."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.values import PatientId
from tests.integration.conftest import MoveIn
from tests.support.billing import BILLING, PEN, Appointment, Billing, a_patient, card, cash, dollars
from tests.support.chain import Clinic
from tests.support.house import NOON


class Desk:
    """A clinic with one patient, and people at its desk."""

    def __init__(self, billing: Billing) -> None:
        self.billing, self.clinic, self.patient = billing, Clinic(), PatientId(uuid4())
        self.desk = billing.client("front_desk", at=self.clinic.id)
        self.finance = billing.client("finance")

    async def opens(self) -> "Desk":
        await self.billing.opens(self.clinic)
        await self.billing.hears(a_patient(self.patient, self.clinic))
        return self

    async def sets_price(self, **changed: Any) -> httpx.Response:
        price: Mapping[str, Any] = {
            "treatment": PEN,
            "location_id": str(self.clinic.id),
            "price": {"minor": 59_900},
            "effective_on": "2026-01-01",
        }
        return await self.finance.put("/prices", json={**price, **changed})

    async def sells(self, **changed: Any) -> httpx.Response:
        sale: Mapping[str, Any] = {
            "patient_id": str(self.patient),
            "location_id": str(self.clinic.id),
            "treatment": PEN,
            "sessions": 3,
            "price": {"minor": 150_000},
            "payments": [
                {"method": "cash", "amount": {"minor": 50_000}},
                {"method": "card_terminal", "amount": {"minor": 100_000}, "reference": "T1-0001"},
            ],
        }
        return await self.desk.post("/packages", json={**sale, **changed})

    async def sees(self, path: str, **params: Any) -> Any:
        answer = await self.desk.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def a_desk(move_in: MoveIn) -> Desk:
    return await Desk(Billing(await move_in(BILLING))).opens()


async def test_a_price_is_listed_from_its_day_on_and_the_next_one_is_announced(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    await desk.sets_price()
    await desk.sets_price(price={"minor": 64_900}, effective_on="2027-01-01")

    now = await desk.sees("/prices", location_id=desk.clinic.id)
    later = await desk.sees("/prices", location_id=desk.clinic.id, on="2027-01-01")

    assert [(each["price"]["minor"], each["next"]["price"]["minor"]) for each in now] == [(59_900, 64_900)]
    assert [(each["price"]["minor"], each["next"]) for each in later] == [(64_900, None)]


async def test_an_unusual_price_is_kept_with_a_warning_and_the_same_price_again_tells_nothing(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)

    unusual = await desk.sets_price(price={"minor": 99_900})
    again = await desk.sets_price(price={"minor": 99_900})
    usual = await desk.sets_price()
    await desk.billing.house.settle()

    assert [warning["code"] for warning in unusual.json()["warnings"]] == ["unusual_price"]
    assert (again.status_code, usual.json()["warnings"]) == (200, [])
    told = [(fact["version"], fact["price"]["minor"]) for fact in desk.billing.house.facts("billing.price-changed")]
    assert told == [(1, 99_900), (2, 59_900)]


async def test_offers_come_from_the_list_price_and_where_there_is_none_there_are_none(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    none = await desk.sees("/package-offers", location_id=desk.clinic.id, treatment=PEN)
    await desk.sets_price()

    offers = await desk.sees("/package-offers", location_id=desk.clinic.id, treatment=PEN)

    assert none == []
    assert [(each["sessions"], each["price"]["minor"]) for each in offers] == [
        (3, 161_730),
        (4, 210_848),
        (6, 305_490),
    ]
    assert offers[0]["expires_on"] == "2028-05-23"


async def test_a_sold_package_is_seen_with_its_units_and_on_the_account(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    await desk.sets_price()

    sold = await desk.sells(price={"minor": 100_000}, payments=[{"method": "cash", "amount": {"minor": 100_000}}])
    package = sold.json()

    assert sold.status_code == 201
    assert [unit["amount"]["minor"] for unit in package["units"]] == [33_334, 33_333, 33_333]
    assert (package["state"], package["remaining"], package["list_price"]["minor"]) == ("active", 3, 59_900)
    assert await desk.sees(f"/packages/{package['id']}") == package
    account = await desk.sees(f"/patients/{desk.patient}/account")
    assert [each["id"] for each in account["packages"]] == [package["id"]]
    assert [each["amount"]["minor"] for each in account["payments"]] == [100_000]
    left = await desk.sees(f"/patients/{desk.patient}/entitlements", treatment=PEN)
    assert {each["state"] for each in left} == {"available"}


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"price": {"minor": 149_900}}, 422, "payments_dont_match"),
        ({"price": {"minor": 150_000, "currency": "EUR"}}, 422, "wrong_currency"),
        ({"payments": [{"method": "card_terminal", "amount": {"minor": 150_000}}]}, 422, "reference_needed"),
        ({"payments": []}, 422, "invalid_request"),
        ({"sessions": 5}, 422, "invalid_request"),
        ({"treatment": "unheard-of"}, 422, "unknown_treatment"),
        ({"patient_id": str(uuid4())}, 503, "unavailable"),  # nobody of this house can be asked about them
        ({"location_id": str(uuid4())}, 404, "not_found"),
        ({"gift": True}, 422, "invalid_request"),
    ],
)
async def test_a_sale_that_does_not_add_up_is_refused_and_leaves_nothing(
    move_in: MoveIn, changed: dict[str, Any], status: int, code: str
) -> None:
    desk = await a_desk(move_in)

    refused = await desk.sells(**changed)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await desk.billing.units() == {}
    assert await desk.billing.balances(desk.clinic.entity) == {}


async def test_an_invoice_is_paid_in_parts_until_nothing_is_due(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    await desk.sets_price()
    await desk.billing.hears(Appointment(desk.patient, desk.clinic).completed())
    (invoice,) = (await desk.sees("/invoices", location_id=desk.clinic.id, state="open"))["items"]
    path = f"/invoices/{invoice['id']}/payments"

    part = await desk.desk.post(path, json={"method": "cash", "amount": {"minor": 20_000}})
    rest = await desk.desk.post(
        path, json={"method": "card_terminal", "amount": {"minor": 39_900}, "reference": "T1-0002"}
    )
    await desk.billing.house.settle()

    assert (part.json()["due"]["minor"], part.json()["state"]) == (39_900, "open")
    assert (rest.json()["due"]["minor"], rest.json()["state"]) == (0, "paid")
    seen = await desk.sees(f"/invoices/{invoice['id']}")
    assert [each["amount"]["minor"] for each in seen["payments"]] == [20_000, 39_900]
    assert (await desk.sees(f"/patients/{desk.patient}/account"))["balance_due"]["minor"] == 0
    assert [fact["version"] for fact in desk.billing.house.facts("billing.invoice-paid")] == [2]


async def test_how_visits_are_paid_for_is_seen_in_one_call(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    days = iter(range(1, 10))
    kept, redeemed, owed, unknown, priceless, cancelled = (
        Appointment(desk.patient, desk.clinic, starts_at=NOON + timedelta(days=next(days))) for _ in range(6)
    )
    priceless.treatment = "rf-face"
    owed.patient_id = PatientId(uuid4())
    await desk.sets_price()
    await desk.sells()
    await desk.billing.hears(kept.booked(), redeemed.completed(), owed.completed(), priceless.completed())
    await desk.billing.hears(cancelled.cancelled())
    asked = ",".join(str(each.id) for each in (kept, redeemed, owed, unknown, priceless, cancelled))

    found = await desk.sees("/appointments/settlements", ids=asked)

    told = {each["appointment_id"]: (each["kind"], each["amount"]["minor"], each["due"]["minor"]) for each in found}
    assert told == {
        str(kept.id): ("reserved", 50_000, 0),
        str(redeemed.id): ("redeemed", 50_000, 0),
        str(owed.id): ("invoiced", 59_900, 59_900),
        str(priceless.id): ("unpriced", 0, 0),
    }


async def test_the_trial_balance_balances_and_agrees_with_the_packages(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    await desk.sells()
    await desk.billing.hears(Appointment(desk.patient, desk.clinic).completed())

    (entity,) = (await desk.finance.get("/ledger/trial-balance")).json()["legal_entities"]

    assert (entity["balanced"], entity["deferred_agrees"], entity["unredeemed"]["minor"]) == (True, True, 100_000)
    assert entity["debit_total"] == entity["credit_total"] == {"minor": 150_000, "currency": "USD"}
    sides = {each["code"]: (each["debit"]["minor"], each["credit"]["minor"]) for each in entity["accounts"]}
    assert sides == {"1010": (50_000, 0), "1050": (100_000, 0), "2300": (0, 100_000), "4000": (0, 50_000)}


async def test_lists_are_paged_in_the_asked_order_without_a_gap(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    for day in range(5):
        await desk.billing.sells(desk.patient, desk.clinic, [cash(1000 + day)], at=NOON - timedelta(days=day % 3))
    seen: dict[str, list[str]] = {}
    for sort in ("sold_on", "-sold_on"):
        cursor, seen[sort] = None, []
        while True:
            page = await desk.sees("/packages", sort=sort, limit=2, **({"cursor": cursor} if cursor else {}))
            seen[sort] += [each["id"] for each in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break

    assert len(set(seen["sold_on"])) == 5
    assert seen["-sold_on"] == seen["sold_on"][::-1]
    wrong = await desk.desk.get("/packages", params={"cursor": "bm9uc2Vuc2U"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_cursor")


async def test_packages_are_found_by_their_state(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    fresh = await desk.billing.sells(desk.patient, desk.clinic, [cash(1500)])
    old = await desk.billing.sells(desk.patient, desk.clinic, [cash(1500)], at=NOON - timedelta(days=600))

    async def ids(state: str) -> list[str]:
        return [each["id"] for each in (await desk.sees("/packages", state=state))["items"]]

    assert await ids("active") == [str(fresh.id)]
    assert await ids("expired") == [str(old.id)]
    assert await ids("used_up") == []


async def test_the_journal_is_seen_line_by_line_and_narrowed(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    await desk.sells()

    lines = (await desk.finance.get("/ledger/journal", params={"sort": "id"})).json()["items"]
    deferred = (await desk.finance.get("/ledger/journal", params={"account": "2300"})).json()["items"]
    tomorrow = (await desk.finance.get("/ledger/journal", params={"since": "2026-11-24"})).json()["items"]

    assert [(each["account"], each["rule"]) for each in lines] == [
        ("1010", "package_sale"),
        ("1050", "package_sale"),
        ("2300", "package_sale"),
    ]
    assert [each["credit"]["minor"] for each in deferred] == [150_000]
    assert tomorrow == []


@pytest.mark.parametrize("name", ["packages", "invoices", "journal"])
async def test_files_hold_what_the_lists_hold_with_whole_amounts(move_in: MoveIn, name: str) -> None:
    desk = await a_desk(move_in)
    await desk.sets_price()
    await desk.sells()
    await desk.billing.hears(Appointment(PatientId(uuid4()), desk.clinic).completed())

    file = await desk.finance.get(f"/exports/{name}.csv", params={"location_id": str(desk.clinic.id)})

    header, *rows = file.text.splitlines()
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    assert "currency" in header.split(",")
    assert len(rows) == {"packages": 1, "invoices": 1, "journal": 5}[name]
    assert {"packages": "1500.00", "invoices": "599.00", "journal": "1000.00"}[name] in file.text


async def test_a_file_holds_only_what_was_asked_for(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    await desk.billing.sells(desk.patient, desk.clinic, [cash(1500)])
    await desk.billing.sells(desk.patient, desk.clinic, [cash(900)], at=NOON - timedelta(days=600))

    expired = await desk.finance.get("/exports/packages.csv", params={"state": "expired"})
    foreign = await desk.finance.get("/exports/packages.csv", params={"patient_id": str(uuid4())})

    assert [line.split(",")[8] for line in expired.text.splitlines()] == ["price", "900.00"]
    assert len(foreign.text.splitlines()) == 1


async def test_nothing_of_another_location_is_seen_or_done(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    there = Clinic(code="there", entity=desk.clinic.entity)
    await desk.billing.opens(there)
    await desk.billing.prices(there, dollars(599))
    package = await desk.billing.sells(desk.patient, there, [card(1500, "T-9")])
    visit = Appointment(PatientId(uuid4()), there)
    await desk.billing.hears(visit.completed())
    (invoice,) = await desk.billing.invoices()

    for path in (f"/packages/{package.id}", f"/invoices/{invoice.id}", f"/prices?location_id={there.id}"):
        assert (await desk.desk.get(path)).status_code == 404, path
    paid = await desk.desk.post(f"/invoices/{invoice.id}/payments", json={"method": "cash", "amount": {"minor": 1}})
    assert paid.status_code == 404
    assert (await desk.sells(location_id=str(there.id))).status_code == 404
    assert (await desk.sees("/packages"))["items"] == (await desk.sees("/invoices"))["items"] == []
    assert await desk.sees("/appointments/settlements", ids=str(visit.id)) == []
    account = await desk.sees(f"/patients/{desk.patient}/account")
    assert ([each["id"] for each in account["packages"]], account["payments"]) == ([str(package.id)], [])
    local = desk.billing.client("finance", at=desk.clinic.id)
    assert (await local.get("/ledger/trial-balance")).json()["legal_entities"] == []
    assert (await local.get("/ledger/journal")).json()["items"] == []
    assert len((await local.get("/exports/journal.csv")).text.splitlines()) == 1


async def test_the_books_are_closed_to_the_desk_and_the_till_to_practitioners(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    practitioner = desk.billing.client("practitioner", at=desk.clinic.id)

    assert (await desk.desk.get("/ledger/trial-balance")).status_code == 403
    assert (await desk.desk.get("/exports/journal.csv")).status_code == 403
    assert (await practitioner.post("/packages", json={})).status_code == 403
    assert (await practitioner.get("/invoices")).status_code == 200
