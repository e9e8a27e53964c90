"""One chain as separate processes over a real Kafka for all tests here, with the demo data, on this machine."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from processes.broker import NoBrokerError, must_run
from tests.support import kafka
from tests.support.processes import Processes
from tests.support.story import Story

UNPROVED = "UNPROVED, because {}: the story over Kafka, crashes of every process, outages of the broker"


@pytest.fixture(scope="session")
def broker_address() -> Iterator[str | None]:
    """Of the broker that was found; None where the launcher starts one of its own, which can then be killed."""
    real = [kind for kind in kafka.kinds() if kind != "imitation"]
    if not real:
        pytest.skip(UNPROVED.format(kafka.told()))
    if real != ["named"] and launcher_has_one():
        yield None
        return
    broker = kafka.started(real)
    yield broker.address
    broker.close()


def launcher_has_one() -> bool:
    try:
        must_run()
    except NoBrokerError:
        return False
    return True


@pytest.fixture(scope="session")
def site(demo_data: Path, broker_address: str | None) -> Iterator[Processes]:
    with TemporaryDirectory(prefix="needlepoint-processes-") as folder, pytest.MonkeyPatch.context() as patch:
        if broker_address is not None:
            patch.setenv(kafka.ADDRESS, broker_address)
        site = Processes.copy_of(demo_data, Path(folder) / "data")
        site.start()
        yield site
        site.stop()


@pytest.fixture
async def story(site: Processes) -> AsyncIterator[Story]:
    """With stock of its own: the tests here use up more than a demo chain has on its shelves."""
    async with Story(site.api) as story:
        await story.stock_up()
        yield story
