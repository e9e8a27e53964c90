"""A signed record shows each product with the lot that it came from, as the books know it by now."""

from datetime import date
from uuid import UUID, uuid4

from contracts.values import BaseUnit
from tests.support.house import NOON
from web.clients.records import RecordedProduct, TreatmentRecord
from web.clients.stock import Used
from web.signed import products

CARTRIDGE, SERUM = uuid4(), uuid4()


def a_record(*written: RecordedProduct) -> TreatmentRecord:
    return TreatmentRecord(
        started_at=NOON,
        completed_at=NOON,
        areas=(),
        products=written,
        reaction_grade=1,
        aftercare_given=True,
        signed_by="staff:0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10",
        signed_at=NOON,
    )


def taken(item_id: UUID, lot_id: UUID, number: str) -> Used:
    return Used(
        appointment_id=uuid4(),
        patient_id=uuid4(),
        location_id=uuid4(),
        at=NOON,
        item_id=item_id,
        item_name="An item",
        unit=BaseUnit.EACH,
        lot_id=lot_id,
        lot_number=number,
        expires_on=date(2027, 6, 30),
        quantity=1,
    )


def test_a_lot_that_was_written_down_is_found_by_its_id() -> None:
    needle, serum = (RecordedProduct(item_id=item, quantity=1, lot_id=uuid4()) for item in (CARTRIDGE, SERUM))
    used = [taken(SERUM, serum.lot_id or uuid4(), "S-1"), taken(CARTRIDGE, needle.lot_id or uuid4(), "C-1")]

    shown = products(a_record(needle, serum), {}, used)

    assert [(each.lot_id, each.lot_number) for each in shown] == [(needle.lot_id, "C-1"), (serum.lot_id, "S-1")]


def test_a_lot_that_a_late_delivery_replaced_is_the_one_that_was_taken_of_the_item() -> None:
    needle, serum = (RecordedProduct(item_id=item, quantity=1, lot_id=uuid4()) for item in (CARTRIDGE, SERUM))
    delivered = uuid4()
    used = [taken(CARTRIDGE, delivered, "C-7"), taken(SERUM, serum.lot_id or uuid4(), "S-1")]

    shown = products(a_record(needle, serum), {}, used)

    assert [(each.lot_id, each.lot_number) for each in shown] == [(delivered, "C-7"), (serum.lot_id, "S-1")]


def test_a_lot_that_is_not_in_the_books_keeps_the_id_that_was_written_down() -> None:
    needle = RecordedProduct(item_id=CARTRIDGE, quantity=1, lot_id=uuid4())

    [shown] = products(a_record(needle), {}, [])

    assert (shown.lot_id, shown.lot_number, shown.name) == (needle.lot_id, "", "A product")
