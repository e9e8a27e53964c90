"""The HTTP server of the embedded mode: stops when told to, within seconds, whoever is still connected."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

GRACE_SECONDS = 2
"""What a running request gets to finish once the server was told to stop."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: whoever runs it decides what a signal means."""

    def __init__(self, app: ASGIApp, *, started: Callable[[], None]) -> None:
        """`started` is called once requests are taken."""
        self._tell_started = started
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
                timeout_keep_alive=30,  # seconds
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        """Finish what is running; the second time, don't."""
        self.force_exit = self.should_exit
        self.should_exit = True


def on_signal(do: Callable[[], object]) -> None:
    """What Ctrl-C and SIGTERM do from now on."""
    loop = asyncio.get_running_loop()
    for each in _SIGNALS:
        loop.add_signal_handler(each, do)
