"""At checkout: what a package pays for, and what it does not, is said before anybody is surprised (FN-09)."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.identity import Role
from tests.integration.web.conftest import SignIn
from tests.support import booking
from tests.support.everyone import Chain, Json, a_package, a_patient, act, an_appointment, settle
from tests.support.front import words


@pytest.fixture
async def visit(chain: Chain) -> Json:
    """A visit of the next morning, of somebody without a package."""
    day = (chain.house.clock.now() + timedelta(days=1)).date()
    chain.house.clock.set(datetime(day.year, day.month, day.day, 15, tzinfo=UTC))
    patient = await chain.do("booking", "/patients", a_patient(chain, "checkout"))
    wanted = {**an_appointment(chain, patient["id"], "pen", 0), "local_start": f"{day}T10:00:00"}
    booked: Json = await chain.do("booking", "/appointments", wanted)
    await settle(chain.house)
    return booked


async def test_before_the_session_the_drawer_leads_to_the_package_that_would_pay_for_it(
    sign_in: SignIn, visit: Json
) -> None:
    desk = await sign_in(Role.FRONT_DESK)

    drawer = (await desk.http.get(f"/l/soho/visits/{visit['id']}", headers={"hx-request": "true"})).text
    sale = await desk.read("packages/sell", patient=visit["patient_id"], treatment="pen-face")

    assert "No package covers it; one sold before it is completed would" in words(drawer)
    assert f"/packages/sell?patient={visit['patient_id']}&amp;treatment=pen-face" in drawer
    assert "It is kept for what is booked already, the next visit first:" in sale
    assert "It does not pay for" not in sale


async def test_after_the_session_the_sale_says_that_its_invoice_stays_due(
    chain: Chain, sign_in: SignIn, visit: Json
) -> None:
    await complete(chain, visit)
    desk = await sign_in(Role.FRONT_DESK)

    drawer = (await desk.http.get(f"/l/soho/visits/{visit['id']}", headers={"hx-request": "true"})).text
    sale = await desk.read("packages/sell", patient=visit["patient_id"], treatment="pen-face")

    assert "Invoice of $600.00 $600.00 still due: take the payment" in words(drawer)
    assert "It does not pay for the session of" in sale
    assert "$600.00 of its invoice stay due" in sale


async def test_who_sold_it_too_late_is_told_where_the_invoice_is(chain: Chain, sign_in: SignIn, visit: Json) -> None:
    await complete(chain, visit)
    sold = await chain.do("billing", "/packages", a_package(chain, visit["patient_id"]))
    await settle(chain.house)
    [invoice] = (await chain.get("billing", f"/patients/{visit['patient_id']}/account"))["invoices"]
    desk = await sign_in(Role.FRONT_DESK)

    package = await desk.read(f"packages/{sold['id']}", done="sold")
    owed = await desk.read(f"invoices/{invoice['id']}")

    assert "are still due: it was completed before the sale." in package
    assert "has 3 prepaid sessions of Pen, face left, bought after this one was completed." in owed
    assert "this invoice is paid on its own" in owed


async def test_a_package_sold_in_time_leaves_nothing_due(chain: Chain, sign_in: SignIn, visit: Json) -> None:
    await chain.do("billing", "/packages", a_package(chain, visit["patient_id"]))
    await settle(chain.house)
    await complete(chain, visit)
    desk = await sign_in(Role.FRONT_DESK)

    drawer = (await desk.http.get(f"/l/soho/visits/{visit['id']}", headers={"hx-request": "true"})).text

    assert "Paid from a package 2 sessions left" in words(drawer)
    assert "still due" not in words(drawer)


async def complete(chain: Chain, visit: Json) -> None:
    for step in ("check-in", "start"):
        await act(chain, visit["id"], step)
    await act(chain, visit["id"], "complete", **booking.a_record())
    await settle(chain.house)
