"""A row that is changed, missing or slipped in does not fit the chain."""

from datetime import timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from services.audit.timeline.chain import BEGINNING, Link, first_break, seal
from tests.support.house import NOON

START = Link(0, BEGINNING)


def a_chain(length: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    previous = BEGINNING
    for position in range(1, length + 1):
        row = {
            "position": position,
            "message_id": UUID(int=position),
            "type": "booking.appointment-booked",
            "aggregate": "appointment",
            "aggregate_id": UUID(int=7),
            "version": position,
            "at": NOON,
            "recorded_at": NOON,
            "correlation_id": UUID(int=8),
            "causation_id": None,
            "actor": None,
            "details": {"b": 1, "a": [2]},
            "previous_hash": previous,
        }
        previous = row["hash"] = seal(row, previous)
        rows.append(row)
    return rows


def test_an_untouched_chain_is_whole() -> None:
    rows = a_chain(3)

    assert first_break(rows, START) == (Link(3, rows[2]["hash"]), None)


def test_the_same_content_in_another_zone_or_order_has_the_same_seal() -> None:
    row = a_chain(1)[0]
    same = row | {"at": NOON.astimezone(timezone(timedelta(hours=-5))), "details": {"a": [2], "b": 1}}

    assert seal(same, BEGINNING) == row["hash"]


@pytest.mark.parametrize("column", ["type", "actor", "details", "version", "causation_id", "recorded_at"])
def test_a_changed_row_is_found(column: str) -> None:
    rows = a_chain(3)
    rows[1][column] = "changed"

    assert first_break(rows, START) == (Link(1, rows[0]["hash"]), 2)


def test_a_removed_row_is_found() -> None:
    rows = a_chain(3)

    assert first_break([rows[0], rows[2]], START)[1] == 2


def test_a_row_sealed_anew_breaks_the_next() -> None:
    rows = a_chain(3)
    rows[1]["actor"] = "somebody else"
    rows[1]["hash"] = seal(rows[1], rows[0]["hash"])

    assert first_break(rows, START)[1] == 3
