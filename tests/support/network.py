"""A piece of network that can be cut: a TCP proxy in the test's own process.

What a cut holds back is not lost, as TCP would send it again: it goes on when the cut is healed. A reset ends
connections, and what was on its way in them is gone.
"""

import asyncio
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

AT_ONCE = struct.pack("ii", 1, 0)
"""For SO_LINGER: closing throws away what was not sent and tells the other side so."""
Place = tuple[str, int] | Path
"""Where it leads: host and port, or the socket of a server on this machine."""


class Link:
    """`async with Link(to) as link`: who connects to `link.port` speaks with whoever is there."""

    def __init__(self, to: Place, *, port: int = 0) -> None:
        self.port = port
        self.delay_seconds = 0.0
        """For each piece, in either direction."""
        self.slice_bytes: int | None = None
        """What is sent arrives in pieces of so many bytes."""
        self.carried = 0
        """Connections so far."""
        self._to = to
        self._there, self._back = asyncio.Event(), asyncio.Event()
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()
        self._carrying: set[asyncio.Task[None]] = set()
        self._awaited: bytes | None = None
        self.heal()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Let connections in; the port stays the same however often."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Let nobody in, and end whoever is there."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.reset()
        if self._carrying:
            await asyncio.wait(self._carrying)

    def cut(self, *, there: bool = True, back: bool = True) -> None:
        """From now on nothing gets through, there or back; connections stay, and nobody is told."""
        if there:
            self._there.clear()
        if back:
            self._back.clear()

    def heal(self) -> None:
        self._there.set()
        self._back.set()
        self.delay_seconds, self.slice_bytes = 0.0, None

    def reset(self) -> None:
        """End every connection at once, as a firewall does that has forgotten them."""
        for connection in self._connections:
            connection.reset()

    def lose_the_answer_to(self, said: bytes) -> None:
        """The next time this is said, it arrives; the connection is reset instead of the answer."""
        self._awaited = said

    @property
    def has_lost_it(self) -> bool:
        return self._awaited is None

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)
        connection = Connection(self, writer)
        self._connections.add(connection)
        self.carried += 1
        try:
            await connection.carry(reader, await self._reach())
        except OSError:
            connection.reset()
        finally:
            self._connections.discard(connection)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._to, Path):
            return await asyncio.open_unix_connection(str(self._to))
        return await asyncio.open_connection(*self._to)

    async def passes(self, data: bytes, *, there: bool) -> None:
        """Returns when this may go on its way."""
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        await (self._there if there else self._back).wait()

    def is_awaited(self, data: bytes) -> bool:
        """Whether the answer to this is to be lost; it is, once."""
        if self._awaited is None or self._awaited not in data:
            return False
        self._awaited = None
        return True

    def slices(self, data: bytes) -> Iterator[bytes]:
        size = self.slice_bytes or len(data)
        yield from (data[start : start + size] for start in range(0, len(data), size))


class Connection:
    """One connection on a link, with its two ends."""

    def __init__(self, link: Link, near: asyncio.StreamWriter) -> None:
        self._link = link
        self._ends = [near]
        self._loses_answer = False

    async def carry(self, near: asyncio.StreamReader, far: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        """Until either end is closed."""
        self._ends.append(far[1])
        pumps = [
            asyncio.create_task(self._pump(near, far[1], there=True)),
            asyncio.create_task(self._pump(far[0], self._ends[0], there=False)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for end in self._ends:
                end.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, there: bool) -> None:
        while data := await reader.read(65_536):
            if not there and self._loses_answer:
                self.reset()
                return
            await self._link.passes(data, there=there)
            if there and self._link.is_awaited(data):
                self._loses_answer = True
            for piece in self._link.slices(data):
                writer.write(piece)
                await writer.drain()
                if self._link.slice_bytes:
                    await asyncio.sleep(0)

    def reset(self) -> None:
        for end in self._ends:
            if not end.transport.is_closing():
                raw: socket.socket = end.get_extra_info("socket")
                if raw.family == socket.AF_INET:
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                end.transport.abort()
