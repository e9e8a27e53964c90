"""Signing in at the front end with a real identity behind it."""

from datetime import timedelta
from functools import partial

import httpx
import pytest
from pydantic import SecretStr

from contracts.identity import Role
from tests.integration.conftest import MoveIn
from tests.support.identity import MANHATTAN, PASSWORD, a_member, identity_plan, signed_in
from web import app as web
from web.api import Services
from web.errors import SignedOut
from web.live import Live
from web.sessions import Sessions, hash_of
from web.settings import WebSettings

URL = "http://web.test"
FROM_HERE = {"origin": URL}


async def test_a_screen_ends_when_the_front_end_hears_that_the_password_is_another_one(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    member = await a_member(house, Role.FRONT_DESK, at=MANHATTAN)
    boss = signed_in(house, await a_member(house, Role.OWNER), Role.OWNER)
    identity = httpx.ASGITransport(app=house.running["identity"].app)
    settings = WebSettings(secret=SecretStr("only for tests " * 3), cookie_secure=False)
    site = web.create(settings, transports={"identity": identity}, live=Live(), clock=house.clock)
    house.carrier.look_on(partial(web.hear, site))
    sessions = site.state.web.sessions
    opened = await sessions.open(member.email, PASSWORD, address="198.51.100.9")
    await house.settle()
    visitor = await sessions.visitor(opened.session)
    assert sessions.knows(visitor.session_hash)

    await boss.post(f"/staff/{member.id}/password", json={"password": "another password, please"})
    await house.settle()

    assert not sessions.knows(visitor.session_hash)
    with pytest.raises(SignedOut):
        await sessions.visitor(opened.session)
    await web.close(site)


async def test_a_page_that_is_left_open_does_not_keep_the_session_of_who_has_left(move_in: MoveIn) -> None:
    """It looks again whenever it hears of something: the session ends after half an hour all the same."""
    house = await move_in(identity_plan())
    left, stays = await a_member(house, Role.FRONT_DESK, at=MANHATTAN), await a_member(house, Role.OWNER)
    identity = httpx.ASGITransport(app=house.running["identity"].app)
    sessions = Sessions(
        Services(WebSettings(secret=SecretStr("only for tests " * 3)), {"identity": identity}),
        clock=lambda: house.clock.now().timestamp(),
    )
    alone = (await sessions.open(left.email, PASSWORD, address="198.51.100.9")).session
    at_work = (await sessions.open(stays.email, PASSWORD, address="198.51.100.9")).session

    for _ in range(7):
        house.clock.advance(timedelta(minutes=4, seconds=15))
        await sessions.visitor(alone, attended=False)
        await sessions.visitor(at_work, attended=False)
        await sessions.visitor(at_work)
    house.clock.advance(timedelta(minutes=5))

    assert (await sessions.visitor(at_work)).staff.id == stays.id
    with pytest.raises(SignedOut):
        await sessions.visitor(alone, attended=False)
    assert not sessions.knows(hash_of(alone))


async def test_a_cookie_that_is_no_session_of_ours_does_not_keep_a_person_out(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    member = await a_member(house, Role.FRONT_DESK, at=MANHATTAN)
    identity = httpx.ASGITransport(app=house.running["identity"].app)
    settings = WebSettings(secret=SecretStr("only for tests " * 3), cookie_secure=False)
    site = web.create(settings, transports={"identity": identity}, live=Live(), clock=house.clock)
    browser = httpx.AsyncClient(transport=httpx.ASGITransport(app=site), base_url=URL, cookies={"needlepoint": "x"})
    form = {"email": member.email, "password": PASSWORD, "next": "/l/midtown/day"}

    signed_in = await browser.post("/sign-in", data=form, headers=FROM_HERE)

    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/l/midtown/day")
    assert len(signed_in.cookies["needlepoint"]) > 40
    await web.close(site)
