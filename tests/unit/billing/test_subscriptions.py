from contracts.catalog import heard_by
from services.billing.consumers import SUBSCRIPTIONS


def test_billing_hears_exactly_what_the_catalog_says() -> None:
    assert set(SUBSCRIPTIONS) == set(heard_by("billing"))
