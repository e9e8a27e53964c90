"""HTTP as cheap as it can be asked for: what a client costs is not what is measured."""

import asyncio
import json
from typing import Any, Self
from urllib.parse import urlsplit


class Refused(AssertionError):
    """The server answered with an error: then there is nothing to measure."""


class Caller:
    """One connection that is kept; sends a request, reads its answer, and so on."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, under: str, headers: bytes
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._under = under
        self._headers = headers

    @classmethod
    async def to(cls, url: str, **headers: str) -> Self:
        """Connected, and sends these headers with each request; paths are below that of the address."""
        address = urlsplit(url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=1 << 20)
        lines = {"host": address.netloc, "content-type": "application/json", **headers}
        told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
        return cls(reader, writer, under=address.path, headers=told.encode())

    async def get(self, path: str) -> bytes:
        return await self._ask(b"GET %s HTTP/1.1\r\n%s\r\n" % (self._path(path), self._headers))

    async def post(self, path: str, body: Any, *, key: str) -> bytes:
        """A command with its Idempotency-Key."""
        told = json.dumps(body).encode()
        head = b"POST %s HTTP/1.1\r\n%sidempotency-key: %s\r\ncontent-length: %d\r\n\r\n"
        return await self._ask(head % (self._path(path), self._headers, key.encode(), len(told)) + told)

    def _path(self, path: str) -> bytes:
        return (self._under + path).encode()

    async def _ask(self, request: bytes) -> bytes:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        body = await self._reader.readexactly(_length(head))
        if not head.startswith(b"HTTP/1.1 2"):
            raise Refused(head.split(b"\r\n", 1)[0].decode(), body.decode())
        return body

    async def drain(self, path: str, *, lines: int) -> None:
        """Read a file that comes in pieces to its end, and throw it away once its lines are counted."""
        self._writer.write(b"GET %s HTTP/1.1\r\nconnection: close\r\n%s\r\n" % (self._path(path), self._headers))
        head = await self._reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise Refused(head.decode())
        count = 0
        while size := int(await self._reader.readline(), 16):
            piece = await self._reader.readexactly(size + 2)
            count += piece.count(b"\n") - 1  # of its own end
        if count != lines:
            raise Refused(f"{count} of {lines} lines came")

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0])
