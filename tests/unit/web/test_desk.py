from uuid import uuid4

import pytest
from starlette.requests import Request

from contracts.identity import OPERATIONS, Role
from contracts.values import LocationId
from web.clients.identity import Grant, Staff
from web.desk import _chosen, is_attended
from web.errors import NoPlaceYet, NoSuchPlace

SOMEWHERE = uuid4()


def test_who_works_everywhere_is_told_that_there_is_no_location_yet() -> None:
    with pytest.raises(NoPlaceYet):
        _chosen(a_request(), (), someone(Grant(role=Role.OWNER, location_id=None)))


@pytest.mark.parametrize("grants", [(), (Grant(role=Role.MANAGER, location_id=SOMEWHERE),)])
def test_who_works_nowhere_is_told_to_ask_for_a_role(grants: tuple[Grant, ...]) -> None:
    with pytest.raises(NoSuchPlace):
        _chosen(a_request(), (), someone(*grants))


@pytest.mark.parametrize(("at", "may"), [(None, True), (SOMEWHERE, False)])
def test_what_belongs_to_the_chain_is_for_who_runs_all_of_it(at: LocationId | None, *, may: bool) -> None:
    assert someone(Grant(role=Role.OPERATOR, location_id=at)).may_everywhere(OPERATIONS) is may
    assert not someone(Grant(role=Role.MANAGER, location_id=None)).may_everywhere(OPERATIONS)


@pytest.mark.parametrize(
    ("path", "headers", "attended"),
    [
        ("/l/soho/day", [], True),
        ("/l/soho/day/2026-11-24/figures", [(b"x-unattended", b"1")], False),
        ("/live/soho", [], False),
    ],
)
def test_what_a_page_asks_by_itself_is_known(path: str, headers: list[tuple[bytes, bytes]], *, attended: bool) -> None:
    scope = {"type": "http", "path": path, "headers": headers, "server": ("web.test", 80), "query_string": b""}

    assert is_attended(Request(scope)) is attended


def a_request() -> Request:
    return Request({"type": "http", "path_params": {}, "headers": []})


def someone(*grants: Grant) -> Staff:
    return Staff(id=uuid4(), display_name="Ada Vance", email="ada@example.com", grants=grants)
