from contracts.catalog import heard_by
from services.inventory.consumers import SUBSCRIPTIONS


def test_inventory_acts_on_exactly_the_facts_that_the_catalogue_says() -> None:
    assert set(SUBSCRIPTIONS) == set(heard_by("inventory"))
