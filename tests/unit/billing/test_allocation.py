"""A price is split over the sessions of a package without losing a cent (FN-05, FN-07)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.packages.allocation import allocate

WEIGHTS = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (100_000, [1, 1, 1], [33_334, 33_333, 33_333]),
        (139_999, [60_000] * 3, [46_667, 46_666, 46_666]),
        (100_001, [60_000, 60_000, 25_000], [41_380, 41_380, 17_241]),
        (150_000, [60_000] * 3, [50_000] * 3),
        (-100_000, [1, 1, 1], [-33_334, -33_333, -33_333]),
        (2, [1, 1, 1], [1, 1, 0]),
        (0, [1, 1], [0, 0]),
    ],
)
def test_the_vectors_of_the_rule(total: int, weights: list[int], shares: list[int]) -> None:
    assert allocate(total, weights) == shares


@given(total=st.integers(-(10**12), 10**12), weights=WEIGHTS)
def test_shares_add_up_and_none_is_a_cent_off(total: int, weights: list[int]) -> None:
    shares = allocate(total, weights)

    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1


@given(total=st.integers(0, 10**9), weights=WEIGHTS)
def test_the_same_question_has_the_same_answer_and_equal_weights_never_rise(total: int, weights: list[int]) -> None:
    assert allocate(total, weights) == allocate(total, weights)
    even = allocate(total, [1] * len(weights))
    assert even == sorted(even, reverse=True)
    assert even[0] - even[-1] <= 1


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_mean_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        allocate(100, weights)
