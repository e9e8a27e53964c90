"""PostgreSQL has no room left: nothing is half done, nothing is parked, and it goes on when there is room again."""

import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.integration.kafka.desk import Desk
from tests.support.databases import TestCluster
from tests.support.tokens import a_member_of_staff
from tests.support.waiting import eventually

DISK_MEGABYTES = 48
REFUSE = """
    CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER no_room BEFORE INSERT ON heard EXECUTE FUNCTION no_room();
    CREATE TRIGGER no_room BEFORE INSERT ON mark EXECUTE FUNCTION no_room();
"""
ROOM = "DROP FUNCTION no_room CASCADE"


async def fill(connection: asyncpg.Connection) -> None:
    """Take all the room there is, page by page at last."""
    await connection.execute("CREATE TABLE rubbish (it text)")
    await connection.execute("ALTER TABLE rubbish ALTER it SET STORAGE EXTERNAL")
    for kilobytes in (1024, 64, 7):
        with suppress(asyncpg.DiskFullError):
            while True:
                await connection.execute("INSERT INTO rubbish VALUES (repeat('x', $1 * 1000))", kilobytes)


@pytest.fixture
async def superuser(desk: Desk, test_cluster: TestCluster) -> AsyncIterator[asyncpg.Connection]:
    """In the database of the desk."""
    connection = await test_cluster.cluster.connect(str(desk.db.engine.url.database))
    yield connection
    await connection.close()


@pytest.fixture
def small_disk(test_cluster: TestCluster) -> Iterator[Path]:
    """A disk of some megabytes that PostgreSQL may write to."""
    with TemporaryDirectory(prefix="needlepoint-disk-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", folder]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            why = done.stderr.strip()
            pytest.skip(f"no small disk can be mounted here ({why}); its answer is raised in the other test")
        test_cluster.cluster._account.own(Path(folder))
        yield Path(folder)
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
async def moved(desk: Desk, test_cluster: TestCluster, small_disk: Path) -> AsyncIterator[asyncpg.Connection]:
    """The database of the desk on the small disk, and its superuser in it."""
    name, space = str(desk.db.engine.url.database), f"small_{uuid4().hex[:6]}"
    await desk.db.engine.dispose()
    outside = await test_cluster.cluster.connect()
    await outside.execute(f"CREATE TABLESPACE {space} LOCATION '{small_disk}'")
    await outside.execute(f'ALTER DATABASE "{name}" SET TABLESPACE {space}')
    inside = await test_cluster.cluster.connect(name)
    yield inside
    await inside.close()
    await outside.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await outside.execute(f"DROP TABLESPACE {space}")
    await outside.close()


@pytest.mark.fault("F11", dose="a disk of 48 MB, filled up under PostgreSQL", holds="I1 I2 I3 I15 I16")
async def test_on_a_full_disk_nothing_is_half_done_and_it_goes_on_when_there_is_room(
    desk: Desk, moved: asyncpg.Connection
) -> None:
    waiting = await prepared(desk)
    await fill(moved)

    seen = await without_room(desk, waiting)
    await moved.execute("DROP TABLE rubbish")

    assert seen == (503, [], [])
    await everything_follows(desk, waiting)


@pytest.mark.fault("F11", dose="53100 (disk_full) raised at every insert", holds="I1 I2 I3 I15 I16")
async def test_told_that_the_disk_is_full_nothing_is_half_done_and_it_goes_on_when_there_is_room(
    desk: Desk, superuser: asyncpg.Connection
) -> None:
    waiting = await prepared(desk)
    await superuser.execute(REFUSE)

    seen = await without_room(desk, waiting)
    await superuser.execute(ROOM)

    assert seen == (503, [], [])
    await everything_follows(desk, waiting)


@dataclass
class Waiting:
    """What is asked for while there is no room: facts on the topic, and a command under its key."""

    texts: list[str]
    records: list[dict[str, Any]]
    client: httpx.AsyncClient
    key: str = field(default_factory=lambda: str(uuid4()))
    text: str = field(default_factory=lambda: secrets.token_hex(10_000))

    async def command(self) -> int:
        """How it was answered."""
        key = {"idempotency-key": self.key}
        return (await self.client.post("/marks", json={"text": self.text}, headers=key)).status_code


async def prepared(desk: Desk) -> Waiting:
    """Somebody listens, and all is well."""
    desk.bus.listen(desk.consumer())
    await desk.tell("before")
    await eventually(desk.has_heard("before"))
    texts = [secrets.token_hex(10_000) for _ in range(4)]
    records = [await desk.a_record(text) for text in texts]
    return Waiting(texts, records, desk.house.client("marks", a_member_of_staff("marker")))


async def without_room(desk: Desk, waiting: Waiting) -> tuple[int, list[str], list[Any]]:
    """The answer to the command, what was parked, what was written to the dead letters."""
    await desk.bus.put(*waiting.records)
    (listener,) = desk.bus.listeners

    async def waits() -> bool:
        return listener.pulse.last_error == "Waits"

    await eventually(waits)
    answer = await waiting.command()
    parked = [each.reason for each in await desk.parked()]
    return answer, parked, list(await desk.bus.records("marks.dead-letters"))


async def everything_follows(desk: Desk, waiting: Waiting) -> None:
    await eventually(desk.has_heard("before", *waiting.texts))
    assert await waiting.command() == 201
    assert [each.body["text"] for each in await desk.told_next()] == [waiting.text]
    assert await desk.parked() == []
