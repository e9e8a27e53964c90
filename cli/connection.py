"""The options by which a command finds a running Needlepoint and says who asks, the same for every command."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, Any

import typer

from cli.api import Api, Credentials

DEFAULT_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Connection:
    """Where Needlepoint answers, and who asks."""

    url: str
    credentials: Credentials

    def api(self) -> Api:
        return Api(self.url, self.credentials)


def connected(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options below to a command; it receives them as `connection`."""
    signature = inspect.signature(command)
    own = [parameter for name, parameter in signature.parameters.items() if name != "connection"]
    added = inspect.signature(_connection).parameters

    @wraps(command)
    def run(**given: Any) -> None:
        connection = _connection(**{name: given.pop(name) for name in added})
        command(**given, connection=connection)

    run.__signature__ = signature.replace(parameters=[*own, *added.values()])  # type: ignore[attr-defined]  # what typer reads
    return run


def _connection(
    *,
    url: Annotated[
        str, typer.Option("--url", envvar="NEEDLEPOINT_URL", help="Where Needlepoint answers.")
    ] = DEFAULT_URL,
    email: Annotated[
        str | None, typer.Option("--email", envvar="NEEDLEPOINT_EMAIL", help="E-mail of the member of staff who asks.")
    ] = None,
    password: Annotated[
        str | None,
        typer.Option(
            "--password", envvar="NEEDLEPOINT_PASSWORD", help="Their password; asked for when it is not given."
        ),
    ] = None,
    token: Annotated[
        str | None, typer.Option("--token", envvar="NEEDLEPOINT_TOKEN", help="An access token instead of both.")
    ] = None,
) -> Connection:
    if email and not password and not token:
        password = typer.prompt("Password", hide_input=True)
    return Connection(url, Credentials(email=email, password=password, token=token))
