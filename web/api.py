"""The services, asked over HTTP in the name of the person who looks at the page."""

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast

import httpx
from pydantic import BaseModel, TypeAdapter

from chassis import telemetry, trail
from web.errors import ApiProblem, unreachable
from web.refusals import in_words
from web.settings import WebSettings

Answer = TypeVar("Answer")

SERVICES = ("identity", "booking", "billing", "inventory", "notifications", "audit")


class Services:
    """One HTTP client for each service; in the embedded mode a transport calls it in this process."""

    def __init__(self, settings: WebSettings, transports: Mapping[str, httpx.AsyncBaseTransport] | None = None) -> None:
        self._clients = {
            name: httpx.AsyncClient(
                base_url=settings.peer_urls.get(name, f"http://{name}.local"),
                transport=(transports or {}).get(name),
                timeout=settings.peer_timeout_seconds,
                trust_env=False,
            )
            for name in SERVICES
        }

    async def ask(
        self, service: str, method: str, path: str, *, headers: Mapping[str, str], **how: Any
    ) -> httpx.Response:
        """The service's answer, whatever it is, unless it is a problem: then `ApiProblem`."""
        try:
            answer = await self._clients[service].request(method, path, headers=_followed(headers), **how)
        except httpx.HTTPError as error:
            raise unreachable(service) from error
        if answer.is_error:
            raise _problem(service, answer)
        return answer

    async def open(
        self, service: str, path: str, *, headers: Mapping[str, str], params: Mapping[str, Any]
    ) -> httpx.Response:
        """A long answer that has begun; whoever asked reads it piece by piece, and closes it."""
        client = self._clients[service]
        request = client.build_request("GET", path, headers=_followed(headers), params=params)
        try:
            answer = await client.send(request, stream=True)
            if answer.is_error:
                await answer.aread()
                raise _problem(service, answer)
        except httpx.HTTPError as error:
            raise unreachable(service) from error
        return answer

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


class Api:
    """The services as one person may use them: every call carries that person's token."""

    def __init__(self, services: Services, token: str) -> None:
        self._services = services
        self._token = token

    async def get(self, service: str, path: str, shape: type[Answer], **params: Any) -> Answer:
        """What the service tells, parsed; parameters that are None are left out."""
        given = {name: value for name, value in params.items() if value is not None}
        answer = await self._services.ask(service, "GET", path, headers=self._headers(), params=given)
        return parsed(shape, answer)

    async def file(self, service: str, path: str, **params: Any) -> httpx.Response:
        """A file of a service, still to be read: see `Services.open`."""
        given = {name: value for name, value in params.items() if value is not None}
        return await self._services.open(service, path, headers=self._headers(), params=given)

    async def post(
        self, service: str, path: str, body: Mapping[str, Any] | BaseModel, shape: type[Answer], *, key: str
    ) -> Answer:
        """Ask for a change; the same `key` (Idempotency-Key) never makes it happen twice."""
        return parsed(shape, await self._change("POST", service, path, body, key=key))

    async def prove(self, path: str, body: Mapping[str, Any], *, key: str, address: str) -> None:
        """Ask identity for a change that takes a password, which it counts by the address of whoever tries."""
        headers = {**self._headers(), "idempotency-key": key, "x-forwarded-for": address}
        await self._services.ask("identity", "POST", path, headers=headers, json=body)

    async def put(
        self, service: str, path: str, body: Mapping[str, Any] | BaseModel, shape: type[Answer], *, key: str
    ) -> Answer:
        """Ask for something to be so from now on."""
        return parsed(shape, await self._change("PUT", service, path, body, key=key))

    async def _change(
        self, method: str, service: str, path: str, body: Mapping[str, Any] | BaseModel, *, key: str
    ) -> httpx.Response:
        sent = body.model_dump(mode="json", exclude_none=True) if isinstance(body, BaseModel) else body
        headers = {**self._headers(), "idempotency-key": key}
        return await self._services.ask(service, method, path, headers=headers, json=sent)

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token}"}


def parsed(shape: type[Answer], answer: httpx.Response) -> Answer:
    """The body as the type the page works with."""
    return cast(Answer, _adapter(cast(Hashable, shape)).validate_json(answer.content or b"null"))


def _followed(headers: Mapping[str, str]) -> dict[str, str]:
    """With what tells one request of a person through all services."""
    following = {**headers, "x-correlation-id": str(trail.current().correlation_id)}
    if traceparent := telemetry.traceparent():
        following["traceparent"] = traceparent
    return following


@lru_cache(maxsize=256)
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _problem(service: str, answer: httpx.Response) -> ApiProblem:
    try:
        body = answer.json()
        return ApiProblem(answer.status_code, body["code"], in_words(body["code"], body["title"], body), body)
    except (ValueError, KeyError, TypeError):
        return unreachable(service)
