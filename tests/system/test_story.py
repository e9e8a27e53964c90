"""One visit, from the booking to the books: what must follow does follow, exactly once each."""

from collections import Counter

from tests.support.story import TREATMENT, Story


async def test_a_package_visit_is_redeemed_consumed_cared_for_and_recalled(story: Story) -> None:
    visit = await story.one_visit(package=True)

    await story.has_settled(visit)

    account = await story.desk.get("billing", f"/patients/{visit.patient_id}/account")
    states = sorted(unit["state"] for unit in account["packages"][0]["units"])
    assert states == ["available", "available", "redeemed"]
    assert account["balance_due"]["minor"] == 0
    assert account["invoices"] == []


async def test_a_visit_without_a_package_becomes_an_invoice_that_can_be_paid(story: Story) -> None:
    visit = await story.one_visit(package=False)
    await story.has_settled(visit)
    account = await story.desk.get("billing", f"/patients/{visit.patient_id}/account")
    [invoice] = account["invoices"]

    payment = {"method": "cash", "amount": invoice["due"]}
    await story.desk.post("billing", f"/invoices/{invoice['id']}/payments", payment)

    account = await story.desk.get("billing", f"/patients/{visit.patient_id}/account")
    assert account["balance_due"]["minor"] == 0


async def test_the_products_come_from_the_lots_that_were_recorded_and_can_be_traced_both_ways(story: Story) -> None:
    visit = await story.one_visit(package=True)
    await story.has_settled(visit)

    on_patient = await story.owner.get("inventory", f"/patients/{visit.patient_id}/lots")
    traces = [await story.owner.get("inventory", f"/lots/{lot}/trace") for lot in visit.lots]

    assert {each["lot_id"] for each in on_patient} == visit.lots
    for trace in traces:
        assert visit.appointment_id in {each["appointment_id"] for each in trace["used_on"]}


async def test_aftercare_and_recall_are_planned_and_the_reminders_of_a_visit_that_took_place_are_not(
    story: Story,
) -> None:
    visit = await story.one_visit(package=True)
    await story.has_settled(visit)

    found = await story.desk.get("notifications", "/messages", appointment_id=visit.appointment_id)

    templates = Counter(each["template"] for each in found["items"])
    planned = [each["template"] for each in found["items"] if each["state"] == "scheduled"]
    assert {name for name in templates if name.startswith("aftercare")} == {
        "aftercare_h2",
        "aftercare_h24",
        "aftercare_d3",
        "aftercare_d7",
        "aftercare_d28",
    }
    assert max(templates.values()) == 1
    assert not [name for name in planned if name.startswith("reminder")]


async def test_one_timeline_shows_all_of_it_and_what_followed_from_what(story: Story) -> None:
    visit = await story.one_visit(package=True)
    await story.has_settled(visit)

    told = await story.timeline(visit)

    counted = Counter(each["type"] for each in told)
    completed = next(each for each in told if each["type"] == "booking.session-completed")
    caused = {each["type"] for each in told if each["causation_id"] == completed["message_id"]}
    assert {"billing.session-redeemed", "inventory.stock-consumed", "notifications.aftercare-scheduled"} <= caused
    assert counted["booking.session-completed"] == counted["billing.session-redeemed"] == 1
    assert counted["inventory.stock-consumed"] == counted["notifications.aftercare-scheduled"] == 1


async def test_the_books_balance_in_every_legal_entity_and_nothing_is_missing(story: Story) -> None:
    visit = await story.one_visit(package=True)
    await story.has_settled(visit)

    books = await story.owner.get("billing", "/ledger/trial-balance")
    breaks = await story.owner.get("audit", "/breaks", state="open")

    assert books["legal_entities"]
    assert all(each["balanced"] for each in books["legal_entities"])
    assert visit.appointment_id not in {each["appointment_id"] for each in breaks}


async def test_a_taken_time_is_refused_with_others_to_choose_from(story: Story) -> None:
    visit = await story.one_visit(package=False)
    booked = await story.desk.get("booking", f"/appointments/{visit.appointment_id}")

    answer = await story.refused_booking(booked, TREATMENT)

    assert (answer.status, answer.code) == (409, "slot_taken")
    assert answer.problem["alternatives"]
