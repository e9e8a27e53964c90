from datetime import timedelta

import pytest

from services.identity.attempts.throttle import wait_seconds
from tests.support.house import NOON

WINDOW = timedelta(minutes=15)


def ago(*minutes: float) -> list[timedelta]:
    return [timedelta(minutes=each) for each in minutes]


@pytest.mark.parametrize(
    ("failed", "wait"),
    [
        (ago(), 0),
        (ago(1, 2), 0),
        (ago(15, 16, 17), 0),
        (ago(1, 2, 14), 60),
        (ago(14, 2, 1), 60),
        (ago(1, 2, 15), 0),
        (ago(0, 0, 0), 900),
        (ago(1, 2, 3, 14, 14), 720),
    ],
)
def test_the_wait_ends_when_a_failure_leaves_the_window(failed: list[timedelta], wait: int) -> None:
    failed_at = [NOON - each for each in failed]

    assert wait_seconds(failed_at, limit=3, window=WINDOW, at=NOON) == wait


def test_whoever_waits_as_long_as_told_may_try_again() -> None:
    failed_at = [NOON - timedelta(minutes=each, milliseconds=350) for each in (1, 4, 9)]

    told = wait_seconds(failed_at, limit=3, window=WINDOW, at=NOON)

    assert wait_seconds(failed_at, limit=3, window=WINDOW, at=NOON + timedelta(seconds=told)) == 0
    assert wait_seconds(failed_at, limit=3, window=WINDOW, at=NOON + timedelta(seconds=told - 1)) > 0
