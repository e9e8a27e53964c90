"""What a location lacks before its first visit is told in the order in which it is set up."""

from datetime import date, time
from typing import Any
from uuid import uuid4

from contracts.values import Money
from tests.support.web import MONDAY, a_room
from web.clients.booking import Device, Segment, Treatment
from web.clients.practitioners import AtWork, Equipped, Held, Shift
from web.readiness import Steps, steps, why_never

NOWHERE = Equipped(practitioners=())
A_WEEK_AGO = date(2026, 11, 16)


def a_treatment(*, numbing: int = 30, **given: Any) -> Treatment:
    segments = (Segment(kind="numbing", minutes=numbing, elsewhere=True),) if numbing else ()
    known = {"id": uuid4(), "version": 1, "code": "pen-face", "name": "Pen", "modality": "pen", "duration_minutes": 75}
    return Treatment(**{**known, "segments": segments, **given})


def a_clinic(**other: Any) -> Equipped:
    """Where a pen can be used."""
    shift = Shift(weekday=0, day=None, starts=time(9), ends=time(17))
    person: dict[str, Any] = {"id": uuid4(), "name": "Ava", "initials": "A", "credential": "RN", "shifts": (shift,)}
    device = Device(id=uuid4(), name="Pen 1", serial="1", modality="pen", serviced_until=MONDAY)
    return Equipped(
        **{
            "practitioners": (AtWork(**person, credentials=(Held(modality="pen", valid_until=MONDAY),)),),
            "rooms": (a_room(), a_room(kind="numbing_bay")),
            "devices": (device,),
            **other,
        }
    )


def told(here: Equipped, *offered: Treatment, priced: tuple[str, ...] = ()) -> Steps:
    prices = {code: Money(minor=1) for code in priced}
    return steps(here, offered, on=MONDAY, priced=prices, uses=(), shelf=())


def test_an_empty_location_lacks_everything_and_begins_with_what_it_offers() -> None:
    found = told(NOWHERE)

    assert all(step.lacks for step in found.all)
    assert found.next is not None
    assert found.next.title == "Treatments"


def test_a_location_with_all_that_its_treatment_needs_is_ready_while_its_shelf_is_empty() -> None:
    found = told(a_clinic(), a_treatment(), priced=("pen-face",))

    assert found.is_ready
    assert [step.title for step in found.all if step.lacks] == ["Items", "First delivery"]


def test_a_treatment_without_a_price_is_named() -> None:
    found = told(a_clinic(), a_treatment(), a_treatment(code="rf", name="RF"), priced=("pen-face",))

    assert "There is no price for RF." in [step.lacks for step in found.needed]


def test_why_a_treatment_is_never_free_is_told_by_what_it_needs() -> None:
    person = a_clinic().practitioners[0]
    over = Shift(weekday=0, day=None, starts=time(9), ends=time(17), until_on=A_WEEK_AGO)
    ran_out = Held(modality="pen", valid_until=A_WEEK_AGO)
    bay_only, room_only = (a_room(kind="numbing_bay"),), (a_room(),)
    old = a_clinic().devices[0].model_copy(update={"serviced_until": A_WEEK_AGO})

    for here, said in (
        (a_clinic(rooms=bay_only), "There is no treatment room yet."),
        (a_clinic(rooms=room_only), "There is no numbing bay, which Pen needs."),
        (a_clinic(devices=(old,)), "There is no device in service for: Pen."),
        (a_clinic(practitioners=()), "Nobody treats here yet."),
        (a_clinic(practitioners=(person.model_copy(update={"shifts": (over,)}),)), "Nobody has a shift."),
        (
            a_clinic(practitioners=(person.model_copy(update={"credentials": (ran_out,)}),)),
            "Nobody with a shift has the credential for: Pen.",
        ),
        (a_clinic(), ""),
    ):
        assert why_never(a_treatment(), here, MONDAY) == said


def test_a_consultation_needs_a_room_and_somebody_but_no_bay_device_or_credential() -> None:
    talk = a_treatment(numbing=0, modality="none", uses_device=False)
    person = a_clinic().practitioners[0].model_copy(update={"credentials": ()})

    assert why_never(talk, a_clinic(rooms=(a_room(),), devices=(), practitioners=(person,)), MONDAY) == ""
