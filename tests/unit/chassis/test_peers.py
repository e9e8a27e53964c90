"""A service among its peers: who it says it is, and what it makes of their answers."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from chassis.clock import SystemClock
from chassis.errors import NotFound, Unavailable
from chassis.peers import Peers
from chassis.settings import ServiceSettings


class Neighbours:
    """Identity and booking, as far as a peer can tell: each token is a number, and only those from `good` on are."""

    def __init__(self) -> None:
        self.issued = 0
        self.good = 1
        routes = [
            Route("/service-tokens", self._issue, methods=["POST"]),
            Route("/patients", self._answer),
            Route("/nowhere", lambda _: JSONResponse({}, 404)),
        ]
        self.transport = httpx.ASGITransport(Starlette(routes=routes))

    async def _issue(self, _: Request) -> JSONResponse:
        self.issued += 1
        return JSONResponse({"access_token": str(self.issued), "expires_in": 300})

    async def _answer(self, request: Request) -> JSONResponse:
        token = int(request.headers["authorization"].removeprefix("Bearer "))
        return JSONResponse([token], 200 if token >= self.good else 401)


@pytest.fixture
def neighbours() -> Neighbours:
    return Neighbours()


@pytest.fixture
async def peers(neighbours: Neighbours) -> AsyncIterator[Peers]:
    transports = dict.fromkeys(("identity", "booking"), neighbours.transport)
    settings = ServiceSettings(database_url=SecretStr("postgresql://nowhere"), service_key=SecretStr("a key of ours"))
    peers = Peers(settings, SystemClock(), name="notifications", transports=transports)
    yield peers
    await peers.close()


async def test_one_token_does_for_many_questions(peers: Peers, neighbours: Neighbours) -> None:
    assert [await peers.get("booking", "/patients") for _ in range(3)] == [[1], [1], [1]]
    assert neighbours.issued == 1


async def test_a_token_that_is_refused_before_its_time_is_replaced_at_once(
    peers: Peers, neighbours: Neighbours
) -> None:
    """Its key was withdrawn."""
    await peers.get("booking", "/patients")
    neighbours.good = 2

    assert await peers.get("booking", "/patients") == [2]


async def test_who_is_refused_with_a_fresh_token_is_told_so_and_asks_no_further(
    peers: Peers, neighbours: Neighbours
) -> None:
    neighbours.good = 99

    with pytest.raises(Unavailable):
        await peers.get("booking", "/patients")

    assert neighbours.issued == 2


async def test_what_is_not_there_is_said_to_be_not_there(peers: Peers) -> None:
    with pytest.raises(NotFound):
        await peers.get("booking", "/nowhere")
