"""From a folder to a chain of clinics ready to open: databases, tables, and demo data where nothing was yet."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chassis.clock import SystemClock
from chassis.service import Service
from embedded import contents, databases
from embedded.chain import Chain, Site, manifests, prepare
from embedded.contents import Account, Contents, Holding
from embedded.demo.diary import Extent
from embedded.demo.load import Advance, Story, load
from embedded.postgres import Cluster
from embedded.secrets import Secrets
from web.settings import DemoAccount

SEED = 20261121
Load = Callable[[Cluster, Mapping[str, Service]], Awaitable[tuple[Account, ...]]]


@dataclass(frozen=True, slots=True)
class Opened:
    """Everything put together, not yet started."""

    chain: Chain
    site: Site
    contents: Contents
    has_staff: bool


async def open_folder(folder: Path, cluster: Cluster, *, demo: Extent | None, advance: Advance) -> Opened:
    """Bring what this folder holds up to date and put it together; demo data go in where nothing was yet."""
    secrets = Secrets(folder)
    services = manifests(cluster, secrets)
    held = await make_ready(folder, cluster, services, demo=demo, advance=advance)
    chain = Chain(services)
    await chain.prepare()
    accounts = tuple(DemoAccount(each.email, each.password, each.label) for each in held.accounts)
    site = Site(chain, secrets, demo_accounts=accounts)
    return Opened(chain, site, held, await databases.has_facts(cluster, "identity"))


async def make_ready(
    folder: Path, cluster: Cluster, services: Mapping[str, Service], *, demo: Extent | None, advance: Advance
) -> Contents:
    """Bring the databases to the newest schema, and the demo data into them where nothing was yet."""
    held = contents.read(folder)
    if held.holding is Holding.LOADING:
        for name in services:
            await databases.drop(cluster, name)
    await prepare(cluster, services)
    if held.holding in (Holding.NOTHING, Holding.LOADING):
        held = await _fill(folder, cluster, services, partial(_load, extent=demo, advance=advance) if demo else None)
    return held


async def _fill(folder: Path, cluster: Cluster, services: Mapping[str, Service], load_demo: Load | None) -> Contents:
    """Load the demo chain if that is wanted and nothing ever happened here."""
    if load_demo is None or any([await databases.has_facts(cluster, name) for name in services]):
        held = Contents(holding=Holding.OWN)
    else:
        contents.write(folder, Contents(holding=Holding.LOADING))
        held = Contents(holding=Holding.DEMO, accounts=await load_demo(cluster, services))
    contents.write(folder, held)
    return held


async def _load(
    cluster: Cluster, services: Mapping[str, Service], *, extent: Extent, advance: Advance
) -> tuple[Account, ...]:
    """A load that is cut short begins anew, so it need not wait for the disk at each commit."""
    for name in services:
        await databases.wait_for_disk(cluster, name, always=False)
    accounts = await load(services, story=Story(SEED, SystemClock().now(), extent), advance=advance)
    for name in services:
        await databases.wait_for_disk(cluster, name, always=True)
    return accounts
