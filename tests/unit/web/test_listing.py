"""Lists keep their question in the address, and only what they know of it counts."""

from typing import NamedTuple

import pytest
from starlette.requests import Request

from web.listing import Listing, listing, matches


class Row(NamedTuple):
    name: str
    due: int | None


BY = {"name": lambda row: row.name, "due": lambda row: row.due}


def asked(query: str) -> Listing:
    scope = {"type": "http", "path": "/l/soho/invoices", "query_string": query.encode(), "headers": []}
    request = Request({**scope, "scheme": "http", "server": ("here", 80), "root_path": "", "method": "GET"})
    return listing(request, sorts=("name", "due"), default="name", typed=("q",), state=("open", "paid"))


def test_what_a_list_does_not_know_counts_as_not_asked() -> None:
    found = asked("state=stolen&sort=-shoe_size&q=%20mary%20")

    assert (found["state"], found.sort, found["q"]) == ("", "name", "mary")


def test_a_filter_changes_the_address_and_begins_anew() -> None:
    found = asked("state=open&sort=-due&cursor=abc")

    assert found.cursor == "abc"
    assert found.url(state="paid") == "/l/soho/invoices?state=paid&sort=-due"


def test_a_column_that_is_sorted_by_turns_round() -> None:
    found = asked("sort=due")

    assert found.sort_url("due").endswith("sort=-due")
    assert found.sort_url("name").endswith("sort=name")
    assert (found.direction("due"), found.direction("name")) == ("ascending", "none")


@pytest.mark.parametrize("sort", ["due", "-due"])
def test_what_is_not_known_stands_last_either_way(sort: str) -> None:
    rows = [Row("a", 2), Row("b", None), Row("c", 1)]

    ordered = asked(f"sort={sort}").ordered(rows, BY)

    assert ordered[-1].name == "b"
    assert [row.due for row in ordered[:2]] == ([1, 2] if sort == "due" else [2, 1])


def test_each_typed_word_is_found_in_any_of_the_texts() -> None:
    assert matches("12 CART", "Cartridge, 12 pins", "cart-12")
    assert not matches("36 cart", "Cartridge, 12 pins", None)
    assert matches("", "anything")
