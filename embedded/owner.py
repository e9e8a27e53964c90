"""The first owner of a chain of one's own: made by whoever holds the data folder, while the system runs or not."""

from collections.abc import Mapping
from pathlib import Path

from chassis.bus.local import LocalCarrier
from chassis.run import Running
from chassis.service import Service
from embedded.chain import manifests, prepare
from embedded.postgres import Cluster
from embedded.secrets import Secrets
from services.identity.app import first_owner


async def create(cluster: Cluster, folder: Path, *, email: str, name: str, password: str, prepared: bool) -> None:
    """Enrol the owner; raises `AlreadySetUp` as soon as anybody works here."""
    services = manifests(cluster, Secrets(folder))
    if not prepared:
        await prepare(cluster, services)
    await enrol(services, email=email, name=name, password=password)


async def enrol(services: Mapping[str, Service], *, email: str, name: str, password: str) -> None:
    """The same in databases that are ready, wherever they are."""
    running = Running(services["identity"], LocalCarrier())
    try:
        await first_owner(running.context, email=email, display_name=name, password=password)
    finally:
        await running.stop()
