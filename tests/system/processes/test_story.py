"""The same story as everywhere, told to separate processes over a real Kafka."""

from tests.system.test_story import (
    hands,
    test_a_prepaid_visit_is_redeemed_consumed_cared_for_and_recalled,
    test_a_taken_time_is_refused_with_others_to_choose_from,
    test_a_visit_without_a_package_is_invoiced_and_then_paid,
    test_the_products_can_be_traced_both_ways,
)

__all__ = [
    "hands",
    "test_a_prepaid_visit_is_redeemed_consumed_cared_for_and_recalled",
    "test_a_taken_time_is_refused_with_others_to_choose_from",
    "test_a_visit_without_a_package_is_invoiced_and_then_paid",
    "test_the_products_can_be_traced_both_ways",
]
