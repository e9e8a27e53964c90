import pytest
from pydantic import SecretStr

from chassis.clock import new_id
from contracts.catalog import heard_by
from contracts.identity import Role
from contracts.values import GrantId, LocationId, StaffId
from services.identity.app import build
from services.identity.settings import IdentitySettings
from services.identity.staff.model import AlreadyActive, AlreadyRevoked, Grant, NotActive, Staff
from services.identity.staff.queries import Person
from tests.support.house import NOON
from tests.support.identity import HARBOUR, KEY_ENCRYPTION_KEY, MANHATTAN


def a_person() -> Staff:
    return Staff(
        id=StaffId(new_id()),
        email="ada@needlepoint.example",
        display_name="Ada Sharpe",
        password_hash="hash",
        credential_version=1,
        active=True,
        enrolled_by=None,
        enrolled_at=NOON,
        version=1,
    )


def a_grant(role: Role = Role.FRONT_DESK, at: LocationId | None = MANHATTAN) -> Grant:
    return Grant(
        id=GrantId(new_id()),
        staff_id=StaffId(new_id()),
        role=role,
        location_id=at,
        granted_at=NOON,
        granted_by=None,
        revoked_at=None,
        version=1,
    )


def test_whoever_is_disabled_comes_back_with_one_version_each() -> None:
    staff = a_person()

    left, came_back = staff.disable(at=NOON), staff.enable(at=NOON)

    assert [(left.version, left.active), (came_back.version, came_back.active)] == [(2, False), (3, True)]
    assert staff.credential_version == 2, "what was opened before stays closed"


def test_nobody_is_disabled_twice_or_enabled_twice() -> None:
    staff = a_person()

    with pytest.raises(AlreadyActive):
        staff.enable(at=NOON)
    staff.disable(at=NOON)
    with pytest.raises(NotActive):
        staff.disable(at=NOON)

    assert staff.version == 2


def test_a_new_password_is_new_credentials_and_told_so_that_nobody_goes_on_with_the_old_ones() -> None:
    staff = a_person()

    told = staff.change_password("another hash", at=NOON)

    assert (staff.password_hash, staff.credential_version) == ("another hash", 2)
    assert (told.staff_id, told.version, told.active) == (staff.id, 2, True)


def test_a_role_is_taken_once() -> None:
    grant = a_grant()

    told = grant.revoke(at=NOON)

    assert (told.version, told.active, told.location_id) == (2, False, MANHATTAN)
    with pytest.raises(AlreadyRevoked):
        grant.revoke(at=NOON)


def test_a_token_names_the_locations_of_each_role() -> None:
    person = Person(
        a_person(),
        (
            a_grant(Role.FRONT_DESK, MANHATTAN),
            a_grant(Role.FRONT_DESK, HARBOUR),
            a_grant(Role.FINANCE, None),
            a_grant(Role.FINANCE, HARBOUR),
        ),
    )

    assert person.places == {"front_desk": frozenset({MANHATTAN, HARBOUR}), "finance": None}


def test_identity_listens_to_exactly_what_the_catalog_says() -> None:
    settings = IdentitySettings(database_url=SecretStr("postgresql+asyncpg://x"), key_encryption_key=KEY_ENCRYPTION_KEY)

    assert set(build(settings).subscriptions) == set(heard_by("identity"))
