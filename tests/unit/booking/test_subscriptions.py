from contracts.catalog import heard_by
from services.booking.consumers import SUBSCRIPTIONS


def test_booking_listens_to_what_the_catalog_says() -> None:
    assert set(SUBSCRIPTIONS) == set(heard_by("booking"))
