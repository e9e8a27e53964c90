"""A chain whose services run somewhere else: what is done to it by whoever holds the keys to all its databases.

The demo chain goes only into databases in which nobody works yet: enrolling the first owner makes sure of that, and
comes before anything else is written.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis import migrate
from chassis.clock import SystemClock
from chassis.errors import DomainError
from chassis.service import Service
from chassis.settings import read
from embedded import contents
from embedded.contents import Contents, Holding
from embedded.demo.diary import Extent
from embedded.demo.load import Advance, Story, load
from embedded.opening import SEED
from embedded.preflight import CannotStartError
from embedded.roster import ROSTER

ALREADY_SET_UP = "already_set_up"


class Databases(BaseSettings):
    """Where the databases are; `NEEDLEPOINT_DATABASE_URLS` in the environment or as a secret file."""

    model_config = SettingsConfigDict(frozen=True, env_prefix="NEEDLEPOINT_", extra="ignore")

    database_urls: dict[str, SecretStr]
    """Of every service: `{"booking": "postgresql://booking:…@host/booking"}`."""


class SchemaIsBehindError(CannotStartError):
    """A database that lacks tables can't be filled."""

    def __init__(self, service: str) -> None:
        super().__init__(f"The database of {service} is not at the newest schema. Run its migrations first.")


class CutShortError(CannotStartError):
    """Half a demo chain can't be told from a whole one by looking at it."""

    def __init__(self) -> None:
        super().__init__(
            "The demo data were being loaded when this was cut short, so half of them is there. "
            "Make the databases anew (with containers: docker compose down --volumes), then start again."
        )


def manifests() -> dict[str, Service]:
    """Every service on its own database, as the environment and secret files tell."""
    urls = read(Databases).database_urls
    if missing := sorted(ROSTER.keys() - urls.keys()):
        raise CannotStartError(f"NEEDLEPOINT_DATABASE_URLS names no database of {', '.join(missing)}.")
    return {name: member.build(read(member.settings, database_url=urls[name])) for name, member in ROSTER.items()}


async def fill(services: Mapping[str, Service], folder: Path, *, extent: Extent, advance: Advance) -> Contents:
    """Load the demo chain unless something is there already; `folder` remembers what was found or begun."""
    held = contents.read(folder)
    if held.holding is Holding.LOADING:
        raise CutShortError
    if held.holding is Holding.NOTHING:
        await _must_be_current(services)
        contents.write(folder, Contents(holding=Holding.LOADING))
        held = await _load(services, Story(SEED, SystemClock().now(), extent), advance)
        contents.write(folder, held)
    return held


async def _must_be_current(services: Mapping[str, Service]) -> None:
    current = await asyncio.gather(*(migrate.is_current(service) for service in services.values()))
    for name, is_current in zip(services, current, strict=True):
        if not is_current:
            raise SchemaIsBehindError(name)


async def _load(services: Mapping[str, Service], story: Story, advance: Advance) -> Contents:
    try:
        return Contents(holding=Holding.DEMO, accounts=await load(services, story=story, advance=advance))
    except DomainError as error:
        if error.code != ALREADY_SET_UP:
            raise
        return Contents(holding=Holding.OWN)
