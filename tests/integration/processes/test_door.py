"""The one door, before services of the test's own that answer over real connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.server import Server
from processes.door import Door
from processes.layout import free_ports
from tests.support.waiting import eventually

Answer = Callable[[Request], Awaitable[Response]]


class Behind:
    """What stands behind the door, and what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked: list[Request] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.asked.append(request)
        await (await self._answer(request))(scope, receive, send)


@asynccontextmanager
async def answering(app: ASGIApp) -> AsyncIterator[str]:
    """A server on a port of its own."""
    server = Server(app)
    (port,) = free_ports(1)
    server.config.port = port
    serving = asyncio.create_task(server.serve())
    url = f"http://127.0.0.1:{port}"
    await eventually(lambda: is_up(server))
    yield url
    server.stop()
    await serving


async def is_up(server: Server) -> bool:
    return server.started


@asynccontextmanager
async def door_to(*apis: str, web: str = "http://127.0.0.1:9") -> AsyncIterator[httpx.AsyncClient]:
    door = Door({"booking": apis}, [web], watched={f"booking-{index}": url for index, url in enumerate(apis)})
    async with answering(door) as url, httpx.AsyncClient(base_url=url, timeout=10) as client:
        yield client
    await door.close()


async def told_back(request: Request) -> Response:
    """What arrived, as it arrived."""
    body = (await request.body()).decode()
    headers = [[name.decode(), value.decode()] for name, value in request.headers.raw]
    target = request.scope["raw_path"].decode() + "?" + request.scope["query_string"].decode()
    response = JSONResponse(
        {"method": request.method, "target": target, "body": body, "headers": headers}, status_code=201
    )
    response.headers.append("set-cookie", "a=1")
    response.headers.append("set-cookie", "b=2")
    return response


async def test_a_request_arrives_as_it_was_sent_with_who_sent_it() -> None:
    async with answering(Behind(told_back)) as api, door_to(api) as client:
        headers = {"host": "clinic.example", "idempotency-key": "k", "accept-encoding": "identity"}
        got = await client.post("/api/booking/slots%2F1?a=1&b=%20x", content=b"body", headers=headers)

    said = got.json()
    sent = dict(said["headers"])
    assert (got.status_code, said["method"], said["body"]) == (201, "POST", "body")
    assert said["target"] == "/api/booking/slots%2F1?a=1&b=%20x"
    assert (sent["host"], sent["idempotency-key"], sent["x-forwarded-for"]) == ("clinic.example", "k", "127.0.0.1")
    assert sent["accept-encoding"] == "identity"
    assert got.headers.get_list("set-cookie") == ["a=1", "b=2"]


async def test_what_is_no_service_goes_to_the_web_and_an_unknown_service_to_nobody() -> None:
    async with answering(Behind(told_back)) as web, door_to("http://127.0.0.1:9", web=web) as client:
        page = await client.get("/day/midtown")
        unknown = await client.get("/api/astrology/signs")

    assert page.json()["target"] == "/day/midtown?"
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


async def test_a_stream_comes_piece_by_piece_and_ends_for_both_when_the_browser_goes() -> None:
    go_on, left = asyncio.Event(), asyncio.Event()

    async def stream(_: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            try:
                yield b"data: first\n\n"
                await go_on.wait()
                yield b"data: second\n\n"
                await asyncio.Event().wait()
            finally:
                left.set()

        return StreamingResponse(pieces(), media_type="text/event-stream")

    async with answering(Behind(stream)) as web, door_to("http://127.0.0.1:9", web=web) as client:
        async with client.stream("GET", "/live/midtown") as answer:
            heard = answer.aiter_raw()
            first = await anext(heard)
            go_on.set()
            second = await anext(heard)
        await asyncio.wait_for(left.wait(), 5)

    assert (first, second) == (b"data: first\n\n", b"data: second\n\n")


async def test_several_that_do_the_same_take_turns_and_one_that_is_gone_is_passed_over() -> None:
    first, second = Behind(told_back), Behind(told_back)
    async with answering(first) as one, answering(second) as two, door_to(one, "http://127.0.0.1:9", two) as client:
        answers = [(await client.get("/api/booking/slots")).status_code for _ in range(6)]

    assert answers == [201] * 6
    assert len(first.asked) + len(second.asked) == 6
    assert first.asked
    assert second.asked


async def test_where_nobody_is_there_the_caller_is_told_to_come_again() -> None:
    async with door_to("http://127.0.0.1:9") as client:
        answer = await client.post("/api/booking/appointments", json={})

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "asked", "status"), [("POST", 1, 502), ("GET", 2, 503)])
async def test_what_may_have_happened_is_not_asked_for_twice(method: str, asked: int, status: int) -> None:
    connections = 0

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, door_to(f"http://127.0.0.1:{port}") as client:
        answer = await client.request(method, "/api/booking/appointments", content=b"{}" if method == "POST" else None)

    assert (answer.status_code, connections) == (status, asked)


async def test_it_is_ready_when_every_process_is() -> None:
    async def well(_: Request) -> Response:
        return JSONResponse({"status": "ready"})

    async def stuck(_: Request) -> Response:
        return JSONResponse({"stuck": ["relay"]}, status_code=503)

    async with answering(Behind(well)) as one, answering(Behind(stuck)) as two, door_to(one) as all_well:
        ready = await all_well.get("/ready")
        async with door_to(one, two, "http://127.0.0.1:9") as client:
            not_ready = await client.get("/ready")

    assert (ready.status_code, ready.json()["processes"]) == (200, ["booking-0"])
    assert not_ready.status_code == 503
    assert not_ready.json()["stuck"] == {"booking-1": ["relay"], "booking-2": ["does not answer"]}
