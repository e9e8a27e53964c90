"""`needlepoint serve`: one service, or the web front end, as a process of its own."""

import os
import sys
from typing import Annotated

import typer

from chassis.role import Role
from cli.api import SERVICES
from cli.refusal import Refusal, told_plainly

WEB = "web"


@told_plainly
def serve(
    service: Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}, {WEB}.")],
    *,
    role: Annotated[Role, typer.Option(help="What this process does; any number of each may run.")] = Role.BOTH,
    host: Annotated[str | None, typer.Option(help="Address to listen on, instead of NEEDLEPOINT_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, instead of NEEDLEPOINT_PORT.")] = None,
) -> None:
    """Run one service as a process of its own, told everything by its environment, until SIGTERM.

    api answers HTTP; worker relays its facts, listens to others' and keeps the clock; both does both; migrate brings
    the database to the newest schema and ends. The front end (web) answers HTTP only.

    For example, with NEEDLEPOINT_DATABASE_URL and NEEDLEPOINT_KAFKA_BOOTSTRAP_SERVERS set:

      needlepoint serve booking --role api --port 8001

      needlepoint serve booking --role worker --port 8002
    """
    if service not in (*SERVICES, WEB):
        raise Refusal(f"There is no service {service!r}; there are {', '.join(SERVICES)} and {WEB}.")
    if service == WEB and not role.answers:
        raise Refusal("The front end has no database and relays nothing: it only answers HTTP.")
    module = [WEB] if service == WEB else [f"services.{service}", role.value]
    options = [f"--{name}={given}" for name, given in (("host", host), ("port", port)) if given is not None]
    # The same process goes on as the service: signals, exit code and logs are its own.
    os.execv(sys.executable, [sys.executable, "-m", *module, *options])  # noqa: S606 - our own program, no shell
