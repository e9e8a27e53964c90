import pytest

from chassis.clock import new_id
from contracts.identity import Role
from contracts.values import LocationId
from services.identity.staff.authority import THE_HOUSE, Authority, BeyondYourRole, Held
from tests.support.identity import HARBOUR, MANHATTAN

ME = new_id()
MANAGER_HERE = [(Role.MANAGER, MANHATTAN)]
MANAGER_EVERYWHERE = [(Role.MANAGER, None)]
OWNER_HERE = [(Role.OWNER, MANHATTAN)]
OWNER_EVERYWHERE = [(Role.OWNER, None)]


@pytest.mark.parametrize(
    ("mine", "role", "at", "may"),
    [
        (MANAGER_HERE, Role.FRONT_DESK, MANHATTAN, True),
        (MANAGER_HERE, Role.MANAGER, MANHATTAN, True),
        (MANAGER_HERE, Role.FRONT_DESK, HARBOUR, False),
        (MANAGER_HERE, Role.FRONT_DESK, None, False),
        (MANAGER_HERE, Role.OWNER, MANHATTAN, False),
        (MANAGER_HERE, Role.OPERATOR, MANHATTAN, False),
        (MANAGER_EVERYWHERE, Role.FRONT_DESK, HARBOUR, True),
        (MANAGER_EVERYWHERE, Role.FRONT_DESK, None, True),
        (MANAGER_EVERYWHERE, Role.OWNER, None, False),
        (MANAGER_EVERYWHERE, Role.OPERATOR, MANHATTAN, False),
        (OWNER_HERE, Role.OWNER, MANHATTAN, True),
        (OWNER_HERE, Role.FRONT_DESK, MANHATTAN, True),
        (OWNER_HERE, Role.OWNER, HARBOUR, False),
        (OWNER_HERE, Role.OWNER, None, False),
        (OWNER_EVERYWHERE, Role.OWNER, None, True),
        (OWNER_EVERYWHERE, Role.OPERATOR, HARBOUR, True),
        ([*OWNER_HERE, (Role.MANAGER, HARBOUR)], Role.OWNER, HARBOUR, False),
        ([*OWNER_HERE, (Role.MANAGER, HARBOUR)], Role.FINANCE, HARBOUR, True),
        ([(Role.FRONT_DESK, None)], Role.FRONT_DESK, MANHATTAN, False),
        ([], Role.FRONT_DESK, MANHATTAN, False),
    ],
)
def test_what_one_holds_decides_what_one_may_give(
    mine: list[Held], role: Role, at: LocationId | None, *, may: bool
) -> None:
    assert Authority.of(ME, mine).may_give(role, at) is may


@pytest.mark.parametrize("role", list(Role))
def test_the_house_may_give_everything(role: Role) -> None:
    assert THE_HOUSE.may_give(role, None)


@pytest.mark.parametrize(
    ("theirs", "sees"),
    [
        ([(Role.FRONT_DESK, MANHATTAN)], True),
        ([(Role.FRONT_DESK, HARBOUR)], False),
        ([(Role.FRONT_DESK, HARBOUR), (Role.FINANCE, MANHATTAN)], True),
        (OWNER_EVERYWHERE, True),
        ([], False),
    ],
)
def test_a_manager_sees_who_works_at_their_location(theirs: list[Held], *, sees: bool) -> None:
    assert Authority.of(ME, MANAGER_HERE).sees(theirs, enrolled_by=None) is sees


def test_a_manager_sees_whom_they_enrolled_until_they_work_elsewhere() -> None:
    manager = Authority.of(ME, MANAGER_HERE)

    assert manager.sees([], enrolled_by=ME)
    assert not manager.sees([], enrolled_by=new_id())
    assert not manager.sees([(Role.FRONT_DESK, HARBOUR)], enrolled_by=ME)


def test_who_manages_nothing_sees_nobody() -> None:
    nobody = Authority.of(ME, [(Role.FRONT_DESK, MANHATTAN)])

    assert nobody.is_empty
    assert not nobody.sees([(Role.FRONT_DESK, MANHATTAN)], enrolled_by=None)
    assert not nobody.sees(OWNER_EVERYWHERE, enrolled_by=None)


@pytest.mark.parametrize(
    "theirs",
    [OWNER_EVERYWHERE, [(Role.FRONT_DESK, MANHATTAN), (Role.FRONT_DESK, HARBOUR)], [(Role.OPERATOR, MANHATTAN)]],
)
def test_an_account_that_holds_more_than_i_could_give_is_not_mine_to_alter(theirs: list[Held]) -> None:
    with pytest.raises(BeyondYourRole):
        Authority.of(ME, MANAGER_HERE).must_alter(theirs)
