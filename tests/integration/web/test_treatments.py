"""Treatments are offered, changed and taken off by managers, in a browser alone."""

from uuid import uuid4

from contracts.identity import Role
from tests.integration.web.conftest import SignIn
from tests.support.front import words

PLAN = {"checkin": "5", "numbing": "30", "procedure": "30", "aftercare": "10", "cleaning": "15"}
FORM = {**PLAN, "modality": "pen", "elsewhere": "yes", "device": "yes", "colour": "#6b7fa3", "does": "save"}


def key() -> dict[str, str]:
    return {"key": str(uuid4())}


async def test_a_treatment_is_offered_and_booked_from_then_on(sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)

    answer = await manager.post("treatments/new", {**FORM, "name": "Microneedling décolleté", **key()})
    again = await manager.post("treatments/new", {**FORM, "name": "Microneedling decollete", **key()})

    assert (answer.status_code, again.status_code) == (303, 422), words(answer.text)
    assert "Another treatment has this code already." in words(again.text)
    listed = await manager.read("treatments")
    assert "Microneedling décolleté microneedling-decollete Pen 75 min" in listed
    assert "Microneedling décolleté" in await manager.read("book")
    assert ["Microneedling décolleté", "microneedling-decollete", "Pen", "75", "yes"] in await manager.rows(
        "treatments.csv"
    )


async def test_what_is_wrong_stands_at_the_field(sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)

    answer = await manager.post("treatments/new", {**FORM, "name": "", "procedure": "soon", **key()})
    short = await manager.post("treatments/new", {**FORM, "name": "Quick", "numbing": "10", **key()})

    assert answer.status_code == 422
    assert "Enter what patients call it" in words(answer.text)
    assert "Enter the minutes, in steps of five." in words(answer.text)
    assert "This part takes 15 to 60 minutes, in steps of five." in words(short.text)


async def test_one_is_changed_taken_off_and_offered_again(sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    await manager.post("treatments/new", {**FORM, "name": "Scalp", **key()})
    longer = {**FORM, "name": "Scalp and hairline", "procedure": "45", "version": "1"}

    saved = await manager.post("treatments/scalp", {**longer, **key()})
    late = await manager.post("treatments/scalp", {**longer, "name": "Scalp", **key()})
    off = await manager.post("treatments/scalp", {**longer, "version": "2", "does": "withdraw", **key()})
    hidden = await manager.read("treatments")
    shown = await manager.read("treatments", state="withdrawn")
    back = await manager.post("treatments/scalp", {**longer, "version": "3", "does": "offer", **key()})

    assert [each.status_code for each in (saved, late, off, back)] == [303, 422, 303, 303]
    assert "Somebody else changed this treatment meanwhile." in words(late.text)
    assert "Scalp" not in hidden
    assert "Scalp and hairline scalp · taken off" in shown
    page = await manager.read("treatments/scalp")
    assert "Its code is scalp." in page
    assert "Scalp and hairline scalp Pen 90 min" in await manager.read("treatments")
