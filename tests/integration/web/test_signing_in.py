"""Signing in at the front end with a real identity behind it."""

import httpx
from pydantic import SecretStr

from contracts.identity import Role
from tests.integration.conftest import MoveIn
from tests.support.identity import MANHATTAN, PASSWORD, a_member, identity_plan
from web import app as web
from web.live import Live
from web.settings import WebSettings

URL = "http://web.test"
FROM_HERE = {"origin": URL}


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
