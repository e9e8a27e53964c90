"""An error is a noun with a code; what a person reads is its docstring."""

import pytest

from chassis.errors import Conflict, DomainError, Forbidden, NotFound, Refused, TooMany, Unauthenticated, Unavailable
from chassis.problems import of, status_of


class SlotTaken(Conflict):
    """Someone else has just taken
    this time.

    Not part of what a person reads.
    """


def test_the_code_is_the_name_and_the_message_is_the_first_paragraph() -> None:
    assert SlotTaken.code == "slot_taken"
    assert SlotTaken.message() == "Someone else has just taken this time."


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unauthenticated, 401),
        (Forbidden, 403),
        (NotFound, 404),
        (SlotTaken, 409),
        (Refused, 422),
        (TooMany, 429),
        (Unavailable, 503),
    ],
)
def test_each_kind_has_its_status(error: type[DomainError], status: int) -> None:
    assert status_of(error) == status


def test_a_problem_carries_the_facts_of_the_error_and_when_to_come_back() -> None:
    taken = of(SlotTaken(room="3"))
    many = of(TooMany(retry_after_seconds=7))

    assert taken.media_type == "application/problem+json"
    assert b'"code":"slot_taken"' in taken.body
    assert b'"room":"3"' in taken.body
    assert many.headers["retry-after"] == "7"
