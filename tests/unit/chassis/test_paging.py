"""A list is walked page by page by a cursor that means nothing to the client."""

import base64

import pytest
from pydantic import BaseModel

from chassis.http import BadCursor, Page, Paging


class Row(BaseModel):
    at: int


def test_a_full_page_points_to_the_next_and_the_last_does_not() -> None:
    first: Page[Row] = Paging(limit=2).page([Row(at=1), Row(at=2), Row(at=3)], lambda row: [row.at])
    last: Page[Row] = Paging(limit=2, cursor=first.next_cursor).page([Row(at=3)], lambda row: [row.at])

    assert [row.at for row in first.items] == [1, 2]
    assert Paging(limit=2, cursor=first.next_cursor).after(int) == (2,)
    assert last.next_cursor is None


@pytest.mark.parametrize("cursor", ["%%%", "e30", "WzFd", "bm90IGpzb24"])
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        Paging(cursor=cursor)


def test_a_cursor_of_half_a_character_is_refused() -> None:
    forged = base64.urlsafe_b64encode(b'["\\ud800"]').decode().rstrip("=")

    with pytest.raises(BadCursor):
        Paging(cursor=forged)
