"""The HTTP server of a process: stops when told to, within seconds, whoever is still connected."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network

import structlog
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis import memory
from chassis.settings import ServerSettings, UnusableSettings
from chassis.stopping import Stopping

log = structlog.get_logger()

GRACE_SECONDS = 5
"""What a running request gets to finish once the server was told to stop."""
BACKLOG = 2048
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: whoever runs it decides what a signal means."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        started: Callable[[], None] = lambda: None,
        trusted: Sequence[IPv4Network | IPv6Network] = (),
        grace_seconds: int = GRACE_SECONDS,
    ) -> None:
        """`started` is called once requests are taken; forwarded addresses are believed from `trusted` alone."""
        self._tell_started = started
        self.told_to_stop = Stopping()
        super().__init__(
            uvicorn.Config(
                app,
                loop="none",
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                backlog=BACKLOG,
                forwarded_allow_ips=[str(each) for each in trusted],
                timeout_keep_alive=30,  # seconds
                timeout_graceful_shutdown=grace_seconds,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        memory.settle()
        self._tell_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        """Take no more requests, and finish those that run."""
        self.should_exit = True
        self.told_to_stop.set()


class Below:
    """An application whose paths stand below `prefix`, whether the gateway in front takes that away or not."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, "root_path": self.prefix}, receive, send)


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, settings: ServerSettings, *, name: str, role: str) -> AsyncIterator[Stopping]:
    """A process that answers HTTP: what it yields is set by the first signal, and the block then ends its own work.

    Meanwhile running requests get their time. A second signal ends the process where it stands.
    """
    server = Server(app, trusted=settings.trusted_proxies)
    with _listening(settings) as door:
        on_first_signal(server.stop)
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[door]))
            log.info("process.started", service=name, role=role, port=door.getsockname()[1])
            yield server.told_to_stop
            server.stop()
    log.info("process.stopped", service=name, role=role)


def _listening(settings: ServerSettings) -> socket.socket:
    """A door that takes callers from now on: who comes before a server is there waits for it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise UnusableSettings(f"Can't listen on {settings.host}:{settings.port}: {error.strerror}.") from None


def on_signal(do: Callable[[], object]) -> None:
    """What Ctrl-C and SIGTERM do from now on."""
    loop = asyncio.get_running_loop()
    for each in _SIGNALS:
        loop.add_signal_handler(each, do)


def on_first_signal(do: Callable[[], object]) -> None:
    """The first Ctrl-C or SIGTERM does this; the second ends the process where it stands."""
    loop = asyncio.get_running_loop()

    def told() -> None:
        for each in _SIGNALS:
            # Not the default handler: the kernel spares process 1 of a container from it.
            loop.add_signal_handler(each, os._exit, 128 + each)
        do()

    on_signal(told)
