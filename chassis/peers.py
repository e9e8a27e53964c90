"""The other services, asked over HTTP at the moment of use (personal data never travels in a fact)."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from chassis import telemetry, trail
from chassis.clock import Clock
from chassis.errors import NotFound, Unavailable
from chassis.settings import ServiceSettings

TIMEOUT_SECONDS = 5.0
_NO_TOKEN = ("", 0.0)
"""The token, and until when it is good (Unix time)."""


class Peers:
    """Clients of the other services; in the embedded mode the transport calls them in this process."""

    def __init__(
        self,
        settings: ServiceSettings,
        clock: Clock,
        *,
        name: str,
        transports: Mapping[str, httpx.AsyncBaseTransport] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._name = name
        self._transports = {} if transports is None else transports  # filled later by whoever puts services together
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._token = _NO_TOKEN
        self._signing_in = asyncio.Lock()

    async def get(self, peer: str, path: str, **params: Any) -> Any:
        """The JSON a peer answers to this service's own token; `NotFound` for 404, else `Unavailable`."""
        return await self._ask(peer, "GET", path, params=params)

    async def post(self, peer: str, path: str, body: Any) -> Any:
        return await self._ask(peer, "POST", path, json=body)

    async def _ask(self, peer: str, method: str, path: str, **how: Any) -> Any:
        answer = await self._send_signed(peer, method, path, **how)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token = _NO_TOKEN  # its key was withdrawn
            answer = await self._send_signed(peer, method, path, **how)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise NotFound(kind=peer)
        if answer.is_error:
            raise Unavailable(peer=peer, answered=answer.status_code)
        return answer.json()

    async def _send_signed(self, peer: str, method: str, path: str, **how: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {await self._own_token()}"}
        return await self._send(peer, method, path, headers=headers, **how)

    async def public_keys(self) -> Mapping[str, Any]:
        """Identity's key set; the one thing that needs no token."""
        answer = await self._send("identity", "GET", "/keys")
        if answer.is_error:
            raise Unavailable(peer="identity", answered=answer.status_code)
        found: Mapping[str, Any] = answer.json()
        return found

    async def _own_token(self) -> str:
        async with self._signing_in:
            token, good_until = self._token
            if self._clock.now().timestamp() < good_until:
                return token
            key = self._settings.service_key
            body = {"service": self._name, "key": key.get_secret_value() if key else ""}
            answer = await self._send("identity", "POST", "/service-tokens", json=body)
            if answer.is_error:
                raise Unavailable(peer="identity", answered=answer.status_code)
            issued = answer.json()
            self._token = (issued["access_token"], self._clock.now().timestamp() + issued["expires_in"] - 30)
            return self._token[0]

    async def _send(self, peer: str, method: str, path: str, **how: Any) -> httpx.Response:
        headers = dict(how.pop("headers", {}))
        headers["x-correlation-id"] = str(trail.current().correlation_id)
        if traceparent := telemetry.traceparent():
            headers["traceparent"] = traceparent
        try:
            return await self._client(peer).request(method, path, headers=headers, **how)
        except httpx.HTTPError as error:
            raise Unavailable(peer=peer) from error

    def _client(self, peer: str) -> httpx.AsyncClient:
        if peer not in self._clients:
            self._clients[peer] = httpx.AsyncClient(
                base_url=self._settings.peer_urls.get(peer, f"http://{peer}.local"),
                transport=self._transports.get(peer),
                timeout=TIMEOUT_SECONDS,
                trust_env=False,
            )
        return self._clients[peer]

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()
