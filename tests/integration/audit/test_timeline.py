"""One causal timeline of everything, which nobody can change, and of which each role sees its part."""

from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from chassis.clock import new_id
from contracts.billing import EntitlementReserved, PaymentReceived
from contracts.booking import PatientRegistered
from contracts.inventory import StockLow
from contracts.parking import AuditParkedMessageClosed, BillingParkedMessageClosed, DropReason, Outcome
from contracts.values import (
    EntitlementId,
    ItemId,
    LotId,
    Money,
    PackageId,
    PatientId,
    PaymentId,
    PaymentMethod,
    StockLevelId,
)
from services.audit.app import build
from services.audit.settings import AuditSettings
from services.audit.timeline.model import Event
from tests.integration.conftest import MoveIn
from tests.support.audit import an_invoice, deliver, effects_of, the_stock
from tests.support.databases import TestCluster
from tests.support.house import NOON, House, plan
from tests.support.notifications import a_booking, a_package, completed, message_of, redeemed
from tests.support.tokens import a_member_of_staff

AUDIT = plan(build, AuditSettings)
OWNER = a_member_of_staff("owner")


async def titles(house: House, caller: Any = OWNER, **about: Any) -> list[str]:
    answer = await house.client("audit", caller).get("/timeline", params=about)
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()]


async def test_a_visit_is_told_from_its_booking_to_its_recall_causes_first(move_in: MoveIn) -> None:
    house = await move_in(AUDIT)
    booking = a_booking()
    session, *effects = effects_of(completed(booking))

    await deliver(house, *reversed(effects), session, message_of(booking))

    assert await titles(house, appointment_id=booking.appointment_id) == [
        "Appointment booked",
        "Session completed",
        "Recall set for 3 Dec 2026: touch-up",
        "Aftercare scheduled: 5 messages",
        "Stock consumed: 1 lot",
        "Invoice issued: $599.00",
    ]
    told = (await house.client("audit", OWNER).get("/timeline", params={"patient_id": str(booking.patient_id)})).json()
    assert {each["causation_id"] for each in told[2:]} == {str(session.id)}
    assert told[1]["details"]["treatment"] == "pen-face"


async def test_what_followed_without_naming_the_visit_belongs_to_it_too(move_in: MoveIn) -> None:
    house = await move_in(AUDIT)
    done = completed(a_booking())
    session, stranger = message_of(done), message_of(completed(a_booking()))
    low = StockLow(
        version=1,
        at=done.at,
        stock_level_id=StockLevelId(new_id()),
        item_id=ItemId(new_id()),
        location_id=done.location_id,
        on_hand=2,
        reorder_point=5,
    )
    invoice = an_invoice(done)
    paid = PaymentReceived(
        version=1,
        at=done.at,
        payment_id=PaymentId(new_id()),
        patient_id=done.patient_id,
        location_id=done.location_id,
        legal_entity_id=done.legal_entity_id,
        amount=Money(minor=59900),
        method=PaymentMethod.CARD_TERMINAL,
        invoice_id=invoice.invoice_id,
    )

    facts = (message_of(invoice, cause=session), message_of(low, cause=session), message_of(paid))
    await deliver(house, session, stranger, *facts)

    assert sorted(await titles(house, appointment_id=done.appointment_id)) == [
        "Invoice issued: $599.00",
        "Payment received: $599.00 (card terminal)",
        "Session completed",
        "Stock below its reorder point",
    ]


async def test_who_handled_a_parked_message_again_or_dropped_it_stands_under_the_visit_it_was_about(
    move_in: MoveIn,
) -> None:
    house = await move_in(AUDIT)
    done = completed(a_booking())
    session = message_of(done)
    closed: dict[str, Any] = {
        "message_id": session.id,
        "version": 1,
        "at": done.at,
        "fact": done.type,
        "about": done.appointment_id,
    }
    again = BillingParkedMessageClosed(**closed, outcome=Outcome.REPLAYED)
    dropped = AuditParkedMessageClosed(**closed, outcome=Outcome.DROPPED, reason=DropReason.DONE_BY_HAND)

    await deliver(house, session, message_of(again, cause=session), message_of(dropped, cause=session))

    first, *then = await titles(house, appointment_id=done.appointment_id)
    assert first == "Session completed"
    assert sorted(then) == ["Parked message dropped: done by hand", "Parked message handled again"]


async def test_a_package_and_a_lot_have_timelines_of_their_own(move_in: MoveIn) -> None:
    house = await move_in(AUDIT)
    done = completed(a_booking())
    package, lot = a_package(done, sessions=4), LotId(new_id())
    session = message_of(done)
    used, stock = redeemed(package, done, remaining=3), the_stock(done, lot, LotId(new_id()))

    await deliver(
        house, message_of(package), session, message_of(used, cause=session), message_of(stock, cause=session)
    )

    assert await titles(house, package_id=package.package_id) == [
        "Package of 4 sold for $2,396.00",
        "Session completed",
        "Package session redeemed, 3 left",
    ]
    assert await titles(house, lot_id=lot) == ["Stock consumed: 2 lots"]


async def test_a_fact_is_recorded_once_however_often_it_is_told(move_in: MoveIn) -> None:
    house = await move_in(AUDIT)
    message = message_of(a_booking())

    await deliver(house, message, message)
    async with house.running["audit"].context.db.transaction() as tx:
        await tx.execute(text("DELETE FROM inbox"))
    await deliver(house, message)

    async with house.running["audit"].context.db.reading() as tx:
        assert await tx.scalar(select(func.count()).select_from(Event)) == 1


async def test_each_role_sees_its_part_at_its_locations(move_in: MoveIn) -> None:
    house = await move_in(AUDIT)
    done = completed(a_booking())
    about, here = {"appointment_id": done.appointment_id}, done.location_id
    await deliver(house, *effects_of(done))

    finance = await titles(house, a_member_of_staff("finance", at=here), **about)
    keeper = await titles(house, a_member_of_staff("stock_keeper", at=here), **about)
    practitioner = await titles(house, a_member_of_staff("practitioner", at=here), **about)
    elsewhere = await titles(house, a_member_of_staff("manager", at=new_id()), **about)

    assert sorted(finance) == ["Invoice issued: $599.00", "Session completed"]
    assert sorted(keeper) == ["Session completed", "Stock consumed: 1 lot"]
    assert "Invoice issued: $599.00" not in practitioner
    assert len(practitioner) == 4
    assert elsewhere == []


async def test_a_fact_without_a_location_is_seen_by_those_who_know_the_patient(move_in: MoveIn) -> None:
    house = await move_in(AUDIT)
    patient, here = PatientId(new_id()), a_booking().location_id
    registered = PatientRegistered(version=1, at=NOON, patient_id=patient, home_location_id=here)
    reserved = EntitlementReserved(
        version=1,
        at=NOON,
        entitlement_id=EntitlementId(new_id()),
        package_id=PackageId(new_id()),
        patient_id=patient,
        appointment_id=a_booking().appointment_id,
        amount=Money(minor=1),
        remaining=3,
    )

    await deliver(house, message_of(registered), message_of(reserved))

    assert await titles(house, a_member_of_staff("front_desk", at=here), patient_id=patient) == [
        "Patient registered",
        "Package session reserved",
    ]
    assert await titles(house, a_member_of_staff("front_desk", at=new_id()), patient_id=patient) == []


async def test_a_timeline_is_about_exactly_one_thing(move_in: MoveIn) -> None:
    house = await move_in(AUDIT)
    client = house.client("audit", OWNER)

    none = await client.get("/timeline")
    two = await client.get("/timeline", params={"lot_id": str(new_id()), "patient_id": str(new_id())})

    assert [(each.status_code, each.json()["code"]) for each in (none, two)] == [(422, "one_subject")] * 2


@pytest.mark.parametrize(
    "change",
    ["UPDATE event SET actor = 'nobody'", "DELETE FROM event", "TRUNCATE event CASCADE", "DELETE FROM event_lot"],
)
async def test_the_record_can_neither_be_changed_nor_emptied(move_in: MoveIn, change: str) -> None:
    house = await move_in(AUDIT)
    await deliver(house, *effects_of(completed(a_booking())))

    with pytest.raises(DBAPIError) as refused:
        async with house.running["audit"].context.db.transaction() as tx:
            await tx.execute(text(change))

    assert getattr(refused.value.orig, "sqlstate", None) == "42501"


async def behind_the_back(house: House, test_cluster: TestCluster) -> None:
    """What only somebody with all rights over the database server can do."""
    connection = await test_cluster.cluster.connect(house.running["audit"].context.db.engine.url.database or "")
    try:
        await connection.execute("ALTER TABLE event DISABLE TRIGGER USER")
        await connection.execute("UPDATE event SET actor = 'somebody else' WHERE position = 4")
    finally:
        await connection.close()


async def test_what_was_changed_behind_the_back_shows_in_the_chain(move_in: MoveIn, test_cluster: TestCluster) -> None:
    house = await move_in(AUDIT)
    await deliver(house, *effects_of(completed(a_booking())))
    operator = house.client("audit", a_member_of_staff("operator"))

    whole = (await operator.get("/chain")).json()
    rest = (await operator.get("/chain", params={"after": 2, "limit": 2})).json()
    await behind_the_back(house, test_cluster)
    broken = (await operator.get("/chain")).json()

    assert (whole["position"], whole["is_whole"], whole["broken_at"]) == (5, True, None)
    assert (rest["position"], rest["is_whole"]) == (4, True)
    assert (broken["position"], broken["is_whole"], broken["broken_at"]) == (3, False, 4)
