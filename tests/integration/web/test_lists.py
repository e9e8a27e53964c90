"""Every list can be filtered and sorted, and its file holds what is shown, no more and no less."""

import re

import pytest

from contracts.identity import Role
from tests.integration.web.conftest import SignIn
from tests.support.everyone import Chain

OWNER = Role.OWNER

SHOWN = {
    "packages": {"state": "used_up"},
    "packages?": {"treatment": "pen-face", "sort": "remaining"},
    "invoices": {"state": "paid"},
    "invoices?": {"state": "open", "sort": "-total"},
    "messages": {"state": "scheduled"},
    "messages?": {"state": "all", "template": "booking_confirmation", "sort": "send_at"},
    "recalls": {"state": "all", "sort": "-due_on"},
    "recalls?": {"state": "closed"},
    "stock/items": {"kind": "serum"},
    "stock/items?": {"q": "cart", "sort": "-name"},
    "patients": {"q": "holt", "sort": "-name"},
    "patients?": {"q": "nobody-is-called-so"},
    "breaks": {},
    "breaks?": {"state": "healed"},
}
"""A list and one way to look at it; the mark only tells two ways of one list apart."""


@pytest.mark.parametrize("name", SHOWN)
async def test_the_file_of_a_list_holds_what_is_shown(sign_in: SignIn, name: str) -> None:
    owner, path, asked = await sign_in(OWNER), name.rstrip("?"), SHOWN[name]

    page = (await owner.get(path, **asked)).text
    [header, *rows] = await owner.rows(f"{path}.csv", **asked)

    assert len(header) > 3
    shown = re.findall(r'<tbody id="rows">.*?</tbody>', page, flags=re.DOTALL)
    assert len(rows) == sum(each.count("<tr") for each in shown)
    link = re.search(r'id="export" href="([^"]+)"', page)
    assert link is not None
    assert [header, *rows] == await owner.rows(link[1].replace("&amp;", "&"))


async def test_names_of_a_file_stand_in_the_order_of_the_page(sign_in: SignIn) -> None:
    owner = await sign_in(OWNER)

    rising = await owner.rows("patients.csv", q="holt")
    falling = await owner.rows("patients.csv", q="holt", sort="-name")

    assert len(rising) > 5
    assert falling[1:] == rising[:0:-1]


async def test_the_shelf_goes_into_a_file_as_it_is_filtered(sign_in: SignIn) -> None:
    keeper = await sign_in(Role.STOCK_KEEPER)

    whole = await keeper.rows("stock.csv")
    serums = await keeper.rows("stock.csv", kind="serum")
    one_lot = await keeper.rows("stock.csv", q="serum-9")

    assert {row[1] for row in whole[1:]} == {"cartridge", "serum"}
    assert {row[1] for row in serums[1:]} == {"serum"}
    assert [row[3] for row in one_lot[1:]] == ["serum-6", "serum-9"]  # an item is shown with all of its lots
    assert all(re.fullmatch(r"-?\d+\.\d\d", row[6]) for row in serums[1:])


async def test_the_states_of_a_list_add_up_to_the_whole(sign_in: SignIn) -> None:
    owner = await sign_in(OWNER)

    everything = (await owner.rows("packages.csv"))[1:]
    parts = [(await owner.rows("packages.csv", state=state))[1:] for state in ("active", "used_up", "expired")]

    assert len(everything) == 5
    assert sorted(row for part in parts for row in part) == sorted(everything)


async def test_a_delivery_goes_into_a_file_lot_by_lot(sign_in: SignIn) -> None:
    keeper = await sign_in(Role.STOCK_KEEPER)

    [header, *rows] = await keeper.rows("stock/deliveries.csv")

    assert [(row[4], row[6]) for row in rows] == [
        ("cartridge-6", "20"),
        ("cartridge-9", "20"),
        ("serum-6", "30.00"),
        ("serum-9", "30.00"),
    ]
    assert await keeper.rows("stock/deliveries.csv", q="nobody-delivers-so") == [header]


async def test_the_trial_balance_goes_into_a_file(sign_in: SignIn, chain: Chain) -> None:
    finance = await sign_in(Role.FINANCE)

    [_, *rows] = await finance.rows("books.csv")

    assert {row[0] for row in rows} == {"Needlepoint PLLC"}
    assert sum(float(row[3]) for row in rows) == pytest.approx(sum(float(row[4]) for row in rows))
    assert await finance.rows("books/journal.csv", account="2300") != await finance.rows("books/journal.csv")


@pytest.mark.parametrize("path", ["packages.csv", "invoices.csv", "patients.csv", "books.csv", "parked.csv"])
async def test_whole_lists_of_money_and_people_are_not_handed_to_the_desk(sign_in: SignIn, path: str) -> None:
    desk = await sign_in(Role.FRONT_DESK)

    answer = await desk.get(path)

    assert answer.status_code == 403
    assert path.removesuffix(".csv") not in (await desk.get("packages")).text.partition('id="export"')[2]


async def test_what_goes_out_next_stands_first_among_what_is_still_to_come(sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)

    times = [row[2] for row in (await desk.rows("messages.csv", state="scheduled"))[1:]]

    assert len(times) > 2
    assert times == sorted(times)


async def test_parked_messages_are_narrowed_down_to_a_service(sign_in: SignIn) -> None:
    operator = await sign_in(Role.OPERATOR)

    assert "Nothing is parked" in await operator.read("parked")
    assert "No parked message fits" in await operator.read("parked", service="billing")
    assert await operator.rows("parked.csv", service="billing") == [
        ["Service", "Fact", "Reason", "Attempts", "Parked at", "Message id", "Key"]
    ]


async def test_the_file_of_a_lot_names_those_it_was_used_on_for_who_may_know_them(sign_in: SignIn) -> None:
    """A recall of a lot is a round of calls; a stock keeper learns how many there were, not who (CP-02)."""
    owner, keeper = await sign_in(OWNER), await sign_in(Role.STOCK_KEEPER)
    lots = set(re.findall(r"/stock/lots/([0-9a-f-]{36})", (await owner.get("stock")).text))
    files = [await owner.rows(f"stock/lots/{lot}/trace.csv") for lot in sorted(lots)]
    unnamed = [await keeper.rows(f"stock/lots/{lot}/trace.csv") for lot in sorted(lots)]

    used = [row for [_, *rows] in files for row in rows]
    assert {header[0] for [header, *_] in files} == {"Patient"}
    assert used
    assert all(re.search("[a-z]", row[0]) and row[8] not in row[0] for row in used)
    assert [row[1:] for [_, *rows] in unnamed for row in rows] == [row[1:] for row in used]
    assert {row[0] for [_, *rows] in unnamed for row in rows} == {""}
