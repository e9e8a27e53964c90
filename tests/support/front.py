"""The front end before a house of real services, and people signed in at it, without a browser."""

import csv
import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from contracts.identity import Role
from contracts.values import LocationId
from tests.support.everyone import Chain
from tests.support.house import House
from tests.support.identity import PASSWORD, Member, a_member
from web import app as web
from web.csrf import HEADER, token_for
from web.live import Live
from web.sessions import hash_of
from web.settings import WebSettings

URL = "http://web.test"
FROM_HERE = {"origin": URL}
PLACE = "soho"
"""The code of the clinic that `open_chain` opens."""
SECRET = "only for tests " * 3
COOKIE = "needlepoint"


@dataclass(frozen=True)
class Guest:
    """Somebody signed in; forms go out as a page of their session would send them."""

    http: httpx.AsyncClient

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """A page of the clinic by its path below `/l/<place>/`, or any address that begins with `/`."""
        return await self.http.get(_address(path), params=params or None)

    async def read(self, path: str, **params: Any) -> str:
        """The words of a page that has to be there."""
        answer = await self.get(path, **params)
        assert answer.status_code == httpx.codes.OK, f"{path}: {answer.status_code}"
        return words(answer.text)

    async def rows(self, path: str, **params: Any) -> list[list[str]]:
        """A CSV file, its header first."""
        answer = await self.get(path, **params)
        assert answer.headers["content-type"].startswith("text/csv"), f"{path}: {answer.status_code}"
        return list(csv.reader(answer.text.removeprefix("\ufeff").splitlines()))

    async def post(self, path: str, fields: Mapping[str, str], **headers: str) -> httpx.Response:
        """Send a form; underscores in names of further headers are sent as hyphens."""
        further = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(_address(path), data=dict(fields), headers=self.own_headers | further)

    @property
    def own_headers(self) -> dict[str, str]:
        """What shows that a page of ours sends it."""
        return {**FROM_HERE, HEADER: token_for(hash_of(self.http.cookies[COOKIE]), secret=SECRET)}


@asynccontextmanager
async def front(house: House) -> AsyncIterator[FastAPI]:
    """The front end of this house."""
    transports = {name: httpx.ASGITransport(app=running.app) for name, running in house.running.items()}
    settings = WebSettings(secret=SecretStr(SECRET), cookie_secure=False)
    site = web.create(settings, transports=transports, live=Live(), clock=house.clock)
    yield site
    await web.close(site)


def a_browser(site: FastAPI) -> httpx.AsyncClient:
    """Nobody yet: a browser that follows no redirect by itself."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=site), base_url=URL)


async def a_guest(chain: Chain, site: FastAPI, *roles: Role, everywhere: bool = False) -> Guest:
    """Somebody with these roles at the clinic, or at all of them, who has signed in."""
    member = await a_member(chain.house, *roles, at=None if everywhere else LocationId(chain.clinic.id))
    return await signed_in(site, member)


async def signed_in(site: FastAPI, member: Member) -> Guest:
    """A member of staff at a screen."""
    http = a_browser(site)
    answer = await http.post("/sign-in", data={"email": member.email, "password": PASSWORD}, headers=FROM_HERE)
    assert answer.status_code == httpx.codes.SEE_OTHER, words(answer.text)
    return Guest(http)


def words(page: str) -> str:
    """What a page says, without its markup."""
    body = page.partition('<main id="main"')[2] or page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def _address(path: str) -> str:
    return path if path.startswith("/") else f"/l/{PLACE}/{path}"
