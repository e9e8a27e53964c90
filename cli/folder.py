"""What is done to a data folder while nothing runs on it: migrating it, giving it its first owner."""

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from chassis import log
from chassis.errors import DomainError
from cli.main import STYLE
from cli.refusal import Refusal, told_plainly
from cli.up import DEFAULT_DATA, Data, logging_to, postgres
from embedded import owner
from embedded.chain import manifests, prepare
from embedded.elsewhere import manifests as manifests_elsewhere
from embedded.postgres import Cluster
from embedded.preflight import FolderInUseError, owned
from embedded.secrets import Secrets

owners = typer.Typer(**STYLE, help="The owner of a chain of your own.")


@told_plainly
def migrate(
    data: Data = DEFAULT_DATA,
    *,
    new: Annotated[bool, typer.Option("--new", help="Make the databases of an empty chain if there are none.")] = False,
) -> None:
    """Bring the databases of a data folder to the newest schema; `up` does the same by itself.

    Where there are no data it refuses: a folder that was mistyped would become an empty chain beside the real one.

    For example:

      needlepoint migrate --data ~/clinic
    """
    if not new and not Cluster(data.expanduser().absolute()).exists:
        raise Refusal(
            f"There are no data in {data.expanduser().absolute()}, so nothing to migrate.\n"
            "Name the folder of your chain with --data, or make an empty one there with --new."
        )
    console = Console()
    with owned(data) as folder, logging_to(folder), postgres(folder, console) as cluster:
        changed = uvloop.run(prepare(cluster, manifests(cluster, Secrets(folder))))
    console.print(f"Changed: {', '.join(changed)}." if changed else "Everything is up to date.")


@owners.callback()
def _owner() -> None:
    """The owner of a chain of your own."""


@owners.command("create")
@told_plainly
def create_owner(
    email: Annotated[str, typer.Option(help="Their e-mail address, to sign in with.")],
    name: Annotated[str, typer.Option(help="Their name, as colleagues see it.")],
    password: Annotated[
        str,
        typer.Option(
            envvar="NEEDLEPOINT_PASSWORD",
            prompt=True,
            confirmation_prompt=True,
            hide_input=True,
            help="Asked for when it is not given; at least 12 characters.",
        ),
    ],
    data: Data = DEFAULT_DATA,
    *,
    elsewhere: Annotated[
        bool,
        typer.Option("--elsewhere", help="In the databases that NEEDLEPOINT_DATABASE_URLS names, not in a folder."),
    ] = False,
) -> None:
    """Create the first owner of an empty chain, who then enrols everybody else. Works while it is running, too.

    For example:

      needlepoint owner create --email you@clinic.example --name "Your Name"
    """
    create = _create_elsewhere if elsewhere else partial(_create, data)
    try:
        create(email=email, name=name, password=password)
    except DomainError as error:
        raise Refusal(error.message()) from error
    Console().print(f"{name} owns this chain now and can sign in as {email}.", highlight=False)


def _create_elsewhere(*, email: str, name: str, password: str) -> None:
    log.configure(level="WARNING", file=sys.stderr)
    uvloop.run(owner.enrol(manifests_elsewhere(), email=email, name=name, password=password))


def _create(data: Path, *, email: str, name: str, password: str) -> None:
    async def create(cluster: Cluster, folder: Path, *, prepared: bool) -> None:
        await owner.create(cluster, folder, email=email, name=name, password=password, prepared=prepared)

    try:
        with owned(data) as folder, logging_to(folder), postgres(folder, Console()) as cluster:
            asyncio.run(create(cluster, folder, prepared=False))
    except FolderInUseError:  # it is running: its PostgreSQL serves us as well
        cluster = Cluster(data.absolute())
        cluster.join()
        asyncio.run(create(cluster, data.absolute(), prepared=True))
