from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from starlette.datastructures import FormData

from contracts.values import BaseUnit
from services.booking.places.depth import DEPTH_MAX, DEPTH_MIN
from services.booking.records import depth
from services.booking.records.depth import BODY, SOFT_MAX, TreatedArea
from tests.support.web import MONDAY, a_lot
from web import records
from web.areas import AREAS, AREAS_OF_ONE_CARTRIDGE, DEPTHS
from web.clients.products import Suggestion
from web.errors import ApiProblem

NEW_YORK = ZoneInfo("America/New_York")
SERUM = str(uuid4())


def test_the_form_knows_the_areas_and_usual_depths_that_booking_judges_by() -> None:
    assert {area.value for area in TreatedArea} == AREAS.keys()
    assert {code: area.usual for code, area in AREAS.items()} == {
        area.value: SOFT_MAX.get(area) for area in TreatedArea
    }


def test_the_form_suggests_a_second_cartridge_where_booking_tells_of_one() -> None:
    assert {code for code, area in AREAS.items() if area.is_body} == {area.value for area in BODY}
    assert AREAS_OF_ONE_CARTRIDGE == depth.AREAS_OF_ONE_CARTRIDGE


def test_the_form_offers_no_depth_that_booking_would_refuse() -> None:
    for modality, most in DEPTH_MAX.items():
        assert DEPTHS[modality.value][0] >= DEPTH_MIN
        assert DEPTHS[modality.value][1] <= most


def test_a_usual_product_comes_from_the_lot_that_expires_first() -> None:
    first, later = a_lot("CA-1"), a_lot("CA-2")
    usual = Suggestion(
        item_id=uuid4(),
        code="cartridge",
        name="Cartridge",
        unit=BaseUnit.EACH,
        quantity=1,
        lot_id=first.lot_id,
        lots=(first, later),
    )

    row = records.suggested(usual)

    assert (row.lot_id, row.deviates) == (str(first.lot_id), False)


def test_another_lot_than_the_first_to_expire_is_remarked_on() -> None:
    first, later = a_lot("CA-1"), a_lot("CA-2")
    row = records.ProductRow(uuid4(), "Cartridge", BaseUnit.EACH, "1", str(later.lot_id), (first, later))

    assert row.deviates


def test_a_record_is_sent_in_base_units_and_instants() -> None:
    draft = records.read(_form(numbed="on", numbing_on="09:05", numbing_off="09:35"))

    sent = records.body(draft, on=MONDAY, zone=NEW_YORK)

    assert sent["areas"] == [{"area": "cheek", "depth_hundredths_mm": 75, "passes": 3}]
    assert sent["products"] == [{"item_id": SERUM, "lot_id": None, "quantity": 250}]
    assert sent["numbing"] == {"on_at": "2026-11-23T09:05:00-05:00", "off_at": "2026-11-23T09:35:00-05:00"}


def test_an_area_that_was_not_chosen_is_left_out() -> None:
    assert records.read(_form(area="")).areas == []


def test_numbing_without_its_times_is_asked_for() -> None:
    draft = records.read(_form(numbed="on"))

    assert "numbing" in draft.errors


def test_a_quantity_that_cannot_be_read_is_shown_at_its_row() -> None:
    draft = records.read(_form(quantity="some"))

    assert "quantity" in draft.products[0].errors
    assert not draft.is_fine


def test_a_depth_that_needs_a_reason_asks_for_it_at_its_row() -> None:
    draft = records.read(_form(depth="225"))

    records.explain(draft, _refused("depth_not_allowed", area="cheek", allowed=[10, 250], needs="override_reason"))

    assert "reason" in draft.areas[0].errors


def test_a_depth_beyond_the_device_names_what_it_allows() -> None:
    draft = records.read(_form(depth="225"))

    records.explain(draft, _refused("depth_not_allowed", area="cheek", allowed=[10, 200]))

    assert draft.areas[0].errors["depth"] == "Between 0.10 mm and 2.00 mm with this device."


def test_a_device_that_can_not_have_been_used_is_told_beside_the_devices() -> None:
    draft = records.read(_form())

    records.explain(draft, _refused("device_not_usable", serial="RF-1"))

    assert draft.errors == {"device_id": "Refused."}
    assert not draft.refused


def test_what_is_missing_is_shown_where_it_belongs() -> None:
    draft = records.read(_form(area=""))

    records.explain(draft, _refused("record_incomplete", missing=["areas", "aftercare_given"]))

    assert draft.errors.keys() == {"areas", "aftercare"}


@pytest.mark.parametrize(
    ("field", "row", "column"),
    [
        ("body.areas.0.passes", "areas", "passes"),
        ("body.areas.0.depth_hundredths_mm", "areas", "depth"),
        ("body.products.0.quantity", "products", "quantity"),
    ],
)
def test_a_field_that_booking_refuses_is_marked_in_its_row(field: str, row: str, column: str) -> None:
    draft = records.read(_form())

    records.explain(draft, _refused("invalid_request", errors=[{"field": field, "message": "Too much."}]))

    assert getattr(draft, row)[0].errors == {column: "Too much."}


@pytest.mark.parametrize("passes", ["", "0", "21", "²", "9" * 5000])
def test_passes_that_can_not_be_are_told_in_their_row(passes: str) -> None:
    draft = records.read(_form(passes=passes))

    assert draft.areas[0].errors == {"passes": "Enter a whole number from 1 to 20."}


def test_a_refusal_about_the_whole_stands_above_the_form() -> None:
    draft = records.read(_form())

    records.explain(draft, _refused("illegal_transition"))

    assert draft.refused == "Refused."


def _form(**changed: str) -> FormData:
    filled: dict[str, str] = {
        "key": "0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10",
        "version": "4",
        "area": "cheek",
        "depth": "75",
        "passes": "3",
        "reason": "",
        "item_id": SERUM,
        "item_name": "Hyaluronic serum",
        "cartridge": "",
        "unit": "0.01ml",
        "quantity": "2.50 ml",
        "lot_id": "",
        "reaction": "1",
        "aftercare": "on",
    }
    return FormData(list((filled | changed).items()))


def _refused(code: str, **facts: Any) -> ApiProblem:
    return ApiProblem(422, code, "Refused.", facts)
