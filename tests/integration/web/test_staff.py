"""Staff: added with a role, given and refused further ones, disabled, and helped when a password is forgotten."""

import re
from uuid import uuid4

from fastapi import FastAPI

from contracts.identity import Role
from contracts.values import LocationId
from tests.integration.web.conftest import SignIn
from tests.support.everyone import Chain
from tests.support.front import FROM_HERE, Guest, a_browser, words
from tests.support.identity import PASSWORD, a_member

ANOTHER = "four words nobody knows"


def a_newcomer(chain: Chain, **changes: str) -> dict[str, str]:
    return {
        "display_name": "Bo Lindqvist",
        "email": f"{uuid4().hex}@example.com",
        "password": ANOTHER,
        "role": "front_desk",
        "location": str(chain.clinic.id),
        "key": str(uuid4()),
        **changes,
    }


async def added(guest: Guest, chain: Chain, **changes: str) -> str:
    """The page of somebody whom this guest has just added."""
    answer = await guest.post("staff/new", a_newcomer(chain, **changes))
    assert answer.status_code == 303, words(answer.text)
    return answer.headers["location"].partition("?")[0]


async def can_sign_in(site: FastAPI, email: str, password: str) -> bool:
    async with a_browser(site) as browser:
        answer = await browser.post("/sign-in", data={"email": email, "password": password}, headers=FROM_HERE)
    return answer.status_code == 303


def key() -> dict[str, str]:
    return {"key": str(uuid4())}


async def test_somebody_is_added_with_a_role_and_works(chain: Chain, site: FastAPI, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    newcomer = a_newcomer(chain)

    answer = await manager.post("staff/new", newcomer)
    page = await manager.read(answer.headers["location"])

    assert answer.status_code == 303
    assert "Give them the password in person" in page
    assert "Front desk" in page
    assert ANOTHER not in page
    assert await can_sign_in(site, newcomer["email"], ANOTHER)
    rows = await manager.rows("staff.csv", q=newcomer["email"])
    assert [row[:4] for row in rows[1:]] == [["Bo Lindqvist", newcomer["email"], "Front desk", "active"]]


async def test_the_form_sent_twice_adds_one_person(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    newcomer = a_newcomer(chain)

    answers = [await manager.post("staff/new", newcomer) for _ in range(2)]

    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len(await manager.rows("staff.csv", q=newcomer["email"])) == 2


async def test_what_is_missing_or_taken_is_told_at_its_field(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    email = f"{uuid4().hex}@example.com"
    await added(manager, chain, email=email)

    empty = await manager.post("staff/new", {"location": str(chain.clinic.id), "role": "front_desk", **key()})
    weak = await manager.post("staff/new", a_newcomer(chain, password="short"))
    taken = await manager.post("staff/new", a_newcomer(chain, email=email))

    assert {each.status_code for each in (empty, weak, taken)} == {422}
    for told in ("Enter their name.", "Enter the e-mail address they sign in with.", "Enter the password"):
        assert told in words(empty.text)
    assert "A password has 12 to 128 characters" in words(weak.text)
    assert "works here already. Look for them" in words(taken.text)


async def test_a_manager_makes_nobody_an_owner(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    form = (await manager.get("staff/new")).text

    refused = await manager.post("staff/new", a_newcomer(chain, role="owner"))
    everywhere = await manager.post("staff/new", a_newcomer(chain, location="everywhere"))

    nowhere = await manager.post("staff/new", a_newcomer(chain, location=str(uuid4())))

    assert nowhere.status_code == 422
    assert "Choose where they work." in words(nowhere.text)
    assert 'value="owner"' not in form
    assert "Every location" not in form
    assert "Only an owner makes somebody owner there" in words(refused.text)
    assert everywhere.status_code == 422


async def test_roles_are_given_and_taken_one_by_one(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    page = await added(manager, chain)
    wish = {"role": "finance", "location": str(chain.clinic.id)}

    given = await manager.post(f"{page}/roles", {**wish, **key()})
    twice = await manager.post(f"{page}/roles", {**wish, **key()})
    held = re.findall(r"roles/([0-9a-f-]{36})/take", (await manager.get(page)).text)
    taken = [await manager.post(f"{page}/roles/{each}/take", key()) for each in held]

    assert (given.status_code, twice.status_code) == (303, 422)
    assert "They hold this role at this location already." in words(twice.text)
    assert [each.status_code for each in taken] == [303, 303]
    assert "No role" in await manager.read("staff", state="roleless")


async def test_who_is_disabled_can_not_sign_in_until_enabled_again(
    chain: Chain, site: FastAPI, sign_in: SignIn
) -> None:
    manager = await sign_in(Role.MANAGER)
    email = f"{uuid4().hex}@example.com"
    page = await added(manager, chain, email=email)

    disabled = await manager.post(f"{page}/disable", key())
    locked_out = not await can_sign_in(site, email, ANOTHER)
    listed = await manager.rows("staff.csv", state="disabled", q=email)
    enabled = await manager.post(f"{page}/enable", key())

    assert (disabled.status_code, locked_out, len(listed), enabled.status_code) == (303, True, 2, 303)
    assert await can_sign_in(site, email, ANOTHER)


async def test_a_forgotten_password_is_replaced(chain: Chain, site: FastAPI, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    email = f"{uuid4().hex}@example.com"
    page = await added(manager, chain, email=email)

    unfit = await manager.post(f"{page}/password", {"password": "short", **key()})
    done = await manager.post(f"{page}/password", {"password": "kazu-lemi-dopa-rute", **key()})

    assert (unfit.status_code, done.status_code) == (422, 303)
    assert "A password has 12 to 128 characters" in words(unfit.text)
    assert not await can_sign_in(site, email, ANOTHER)
    assert await can_sign_in(site, email, "kazu-lemi-dopa-rute")


async def test_an_owners_account_is_out_of_a_managers_reach(chain: Chain, sign_in: SignIn) -> None:
    owner = await a_member(chain.house, Role.OWNER)
    manager = await sign_in(Role.MANAGER)

    page = await manager.read(f"staff/{owner.id}")
    refused = await manager.post(f"staff/{owner.id}/disable", key())

    assert "They hold a role that you can’t give." in page
    assert refused.status_code == 422
    assert "Ask an owner." in words(refused.text)


async def test_who_works_elsewhere_is_not_there(chain: Chain, sign_in: SignIn) -> None:
    stranger = await a_member(chain.house, Role.FRONT_DESK, at=LocationId(uuid4()))
    manager = await sign_in(Role.MANAGER)

    assert (await manager.get(f"staff/{stranger.id}")).status_code == 404
    assert len(await manager.rows("staff.csv", state="mine", q=stranger.email)) == 1


async def test_everybody_changes_their_own_password_and_stays_signed_in(sign_in: SignIn, site: FastAPI) -> None:
    desk = await sign_in(Role.FRONT_DESK)
    form = {"current": PASSWORD, "new": ANOTHER, "again": ANOTHER, **key()}
    email = re.search(r'name="username" value="([^"]+)"', (await desk.get("/password")).text)
    assert email

    wrong = await desk.post("/password", {**form, "current": "something else"})
    differs = await desk.post("/password", {**form, "again": "four words somebody knows"})
    weak = await desk.post("/password", {**form, "new": "short", "again": "short"})
    done = await desk.post("/password", form)

    assert [each.status_code for each in (wrong, differs, weak, done)] == [422, 422, 422, 303]
    assert "This is not the password you have now." in words(wrong.text)
    assert "This differs from the new password above." in words(differs.text)
    assert "A password has 12 to 128 characters" in words(weak.text)
    assert "You stay signed in here" in await desk.read(done.headers["location"])
    assert await can_sign_in(site, email[1], ANOTHER)
    assert not await can_sign_in(site, email[1], PASSWORD)
