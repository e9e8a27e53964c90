"""`needlepoint up`: the whole chain of clinics in one process, until Ctrl-C."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TextIO, cast

import typer
import uvloop
from rich.console import Console

from chassis import log
from chassis.server import Server, on_signal
from chassis.settings import LOOPBACK
from cli.greeting import Greeting, demo_bar, greet, tell
from cli.refusal import told_plainly
from embedded.demo.load import WHOLE_STORY
from embedded.logfile import LogFile
from embedded.opening import Opened, open_folder
from embedded.postgres import Cluster
from embedded.preflight import bound, owned
from embedded.supervision import keep_running

Data = Annotated[Path, typer.Option("--data", help="Folder of the databases, secrets and logs; made if missing.")]
DEFAULT_DATA = Path("data")
GRACE_SECONDS = 2
"""What a running request gets to finish after Ctrl-C; somebody is waiting at the terminal."""


@dataclass(frozen=True, slots=True)
class Start:
    """What was asked for, and what is held for it."""

    folder: Path
    door: socket.socket
    url: str
    with_demo: bool
    console: Console

    def tell(self, said: str) -> None:
        tell(self.console, said)


@told_plainly
def up(
    port: Annotated[int, typer.Option(help="Port of the web front end and the API.", min=0, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    data: Data = DEFAULT_DATA,
    *,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Begin with an empty chain of your own.")] = False,
) -> None:
    """Start the whole chain of clinics in one process and stay until Ctrl-C.

    PostgreSQL, every service and the web front end run from this one command; nothing else is needed. The first
    start fills an empty folder with a demo chain. Data survive every stop, also a kill -9.

    For example:

      needlepoint up

      needlepoint up --port 8001 --data ~/clinic --no-demo
    """
    with opened(data, host, port, with_demo=not no_demo) as start:
        run_until_stopped(start, partial(_run, start))


@contextlib.contextmanager
def opened(data: Path, host: str, port: int, *, with_demo: bool) -> Iterator[Start]:
    """Hold the folder and the port; Ctrl-C and SIGTERM end the block, and that is said."""
    console = Console(soft_wrap=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with owned(data) as folder, contextlib.closing(bound(host, port)) as door, logging_to(folder):
            url = f"http://{f'[{host}]' if ':' in host else host}:{door.getsockname()[1]}"
            yield Start(folder, door, url, with_demo, console)
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass
    console.print("Stopped.")


def run_until_stopped(
    start: Start, run: Callable[[Cluster], Coroutine[Any, Any, None]], *, settings: dict[str, str] | None = None
) -> None:
    """Run this on the folder's PostgreSQL, until a signal ends it."""
    with (
        postgres(start.folder, start.console, settings=settings) as cluster,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(run(cluster))


@contextlib.contextmanager
def logging_to(folder: Path) -> Iterator[None]:
    """The log goes to a file, one JSON object a line; the terminal stays readable."""
    with LogFile(folder / "needlepoint.log") as out:
        log.configure(style="json", file=cast("TextIO", out))
        yield


@contextlib.contextmanager
def postgres(folder: Path, console: Console, *, settings: dict[str, str] | None = None) -> Iterator[Cluster]:
    cluster = Cluster(folder, settings=settings)
    try:
        with console.status("Starting PostgreSQL"):
            cluster.start()
        yield cluster
    finally:
        cluster.stop()


async def _run(start: Start, cluster: Cluster) -> None:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine always runs in one
    on_signal(task.cancel)
    opened = await _open(start, cluster)
    told = Greeting(start.url, start.folder, opened.contents, opened.has_staff)
    opened.chain.start()
    watch = asyncio.create_task(keep_running(cluster, tell=start.tell), name="PostgreSQL's keeper")
    server = Server(
        opened.site.app, started=lambda: greet(start.console, told), trusted=LOOPBACK, grace_seconds=GRACE_SECONDS
    )

    def stop() -> None:
        opened.site.live.close()
        server.force_exit = server.should_exit  # the second time
        server.stop()

    on_signal(stop)
    try:
        await server.serve(sockets=[start.door])
    finally:
        watch.cancel()
        await opened.chain.stop()
        await opened.site.close()


async def _open(start: Start, cluster: Cluster) -> Opened:
    demo = WHOLE_STORY if start.with_demo else None
    with demo_bar(start.console) as advance:
        return await open_folder(start.folder, cluster, demo=demo, advance=advance)
