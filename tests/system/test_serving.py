"""One service as a process of its own: how it starts, whom it believes, and how it ends."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from pydantic import SecretStr

from services.booking.app import build
from services.booking.settings import BookingSettings
from tests.support.databases import TestCluster
from tests.support.serving import NOWHERE, STOP_SECONDS_MAX, Served, served
from tests.support.waiting import eventually

BOOKING = "services.booking"
A_FACT = """
    INSERT INTO outbox (message_id, aggregate_type, aggregate_id, aggregate_version, topic, type, payload, headers)
    SELECT id, 'appointment', id, 1, 'booking', 'booking.patient-arrived', '{}', json_build_object(
        'id', id, 'type', 'booking.patient-arrived', 'source', '/needlepoint/booking', 'subject', 'appointment',
        'time', now(), 'aggregate', 'appointment', 'aggregateid', id, 'aggregateversion', 1, 'correlationid', id)
    FROM gen_random_uuid() AS id
"""
"""Something to relay; nobody is there to understand it."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[TestCluster]:
    with TemporaryDirectory(prefix="needlepoint-serving-") as folder:
        cluster = TestCluster(Path(folder))
        cluster.cluster.start()
        yield cluster
        cluster.cluster.stop()


def told(cluster: TestCluster, database: str) -> dict[str, str]:
    """What a service of this database is told; its broker is not there."""
    return {
        "NEEDLEPOINT_DATABASE_URL": cluster.url("booking", database),
        "NEEDLEPOINT_MIGRATION_URL": cluster.owner_url("booking", database),
        "NEEDLEPOINT_KAFKA_BOOTSTRAP_SERVERS": NOWHERE,
        "NEEDLEPOINT_KAFKA_REQUEST_SECONDS": "2",
    }


@pytest.fixture(scope="module")
async def database(cluster: TestCluster) -> str:
    url, owner = cluster.url("booking"), cluster.owner_url("booking")
    return await cluster.fresh(build(BookingSettings(database_url=SecretStr(url), migration_url=SecretStr(owner))))


@pytest.fixture
def api(cluster: TestCluster, database: str, tmp_path: Path) -> Iterator[Served]:
    with served(BOOKING, "api", environment=told(cluster, database), log_file=tmp_path / "api.log") as process:
        yield process


@asynccontextmanager
async def a_slow_request(
    cluster: TestCluster, database: str, process: Served
) -> AsyncIterator["asyncio.Task[httpx.Response]"]:
    """It waits for a table that somebody holds as long as the block lasts."""
    connection = await cluster.cluster.connect(database)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE outbox")
            asked = asyncio.create_task(asyncio.to_thread(process.get, "/metrics"))
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            await eventually(lambda: connection.fetchval(f"SELECT NULLIF(({waiting}), 0)"))
            yield asked
    finally:
        await connection.close()


def test_what_is_missing_is_said_in_words_and_nothing_starts() -> None:
    said = subprocess.run([sys.executable, "-m", BOOKING], capture_output=True, text=True, env={}, check=False)

    assert said.returncode == 1
    assert said.stderr.startswith("NEEDLEPOINT_DATABASE_URL is missing")
    assert "Traceback" not in said.stderr


async def test_it_starts_before_its_database_is_there_and_waits_for_it(
    cluster: TestCluster, database: str, tmp_path: Path
) -> None:
    connection = await cluster.cluster.connect()
    with served(BOOKING, "api", environment=told(cluster, "late"), log_file=tmp_path / "api.log") as process:
        waits = await asyncio.to_thread(process.wait_for, "start.waits")
        lives, ready = process.get("/live"), process.get("/ready")
        await connection.execute(f'CREATE DATABASE "late" TEMPLATE "{database}"')
        await connection.execute('GRANT CONNECT ON DATABASE "late" TO booking')

        await eventually(lambda: asyncio.to_thread(is_ready, process))
    await connection.close()

    assert "NEEDLEPOINT_DATABASE_URL" in waits["reason"]
    assert (lives.status_code, ready.status_code, ready.json()["stuck"]) == (200, 503, ["start", "database"])


async def test_a_schema_that_is_behind_is_waited_for(cluster: TestCluster, database: str, tmp_path: Path) -> None:
    connection = await cluster.cluster.connect()
    await connection.execute('CREATE DATABASE "behind" TEMPLATE template0')
    await connection.execute('GRANT ALL ON DATABASE "behind" TO booking')
    await connection.close()

    with served(BOOKING, "api", environment=told(cluster, "behind"), log_file=tmp_path / "api.log") as process:
        waits = await asyncio.to_thread(process.wait_for, "start.waits")
        ready = process.get("/ready")

    assert "run migrate" in waits["reason"]
    assert (ready.status_code, ready.json()["stuck"]) == (503, ["start"])


def is_ready(process: Served) -> bool:
    return process.get("/ready").status_code == httpx.codes.OK


def test_its_paths_are_found_with_and_without_the_prefix_of_the_gateway(api: Served) -> None:
    found = [api.get(path).status_code for path in ("/locations", "/api/booking/locations", "/api/booking/live")]

    assert found == [401, 401, 200]


def test_a_forwarded_address_is_believed_from_configured_proxies_alone(
    api: Served, cluster: TestCluster, database: str, tmp_path: Path
) -> None:
    strict = {**told(cluster, database), "NEEDLEPOINT_TRUSTED_PROXIES": '["203.0.113.0/24"]'}
    forwarded = {"x-forwarded-for": "198.51.100.7", "x-forwarded-proto": "https"}

    with served(BOOKING, "api", environment=strict, log_file=tmp_path / "strict.log") as stranger:
        from_a_stranger = stranger.get("/locations/", **forwarded).headers["location"]
    from_a_proxy = api.get("/locations/", **forwarded).headers["location"]

    # A redirect names the address that the caller is believed to have used.
    assert (from_a_proxy.partition(":")[0], from_a_stranger.partition(":")[0]) == ("https", "http")


async def test_a_request_that_runs_is_answered_before_the_process_ends(
    api: Served, cluster: TestCluster, database: str
) -> None:
    async with a_slow_request(cluster, database, api) as asked:
        api.signal(signal.SIGTERM)
        await eventually(lambda: asyncio.to_thread(nobody_answers, api))
    answer = await asked

    assert answer.status_code == 200
    assert await asyncio.to_thread(api.ended) == 0
    assert api.lines("process.stopped")


def nobody_answers(process: Served) -> bool:
    try:
        process.get("/live")
    except httpx.ConnectError:
        return True
    except httpx.TransportError:  # stood at the door as it closed: the next call tells
        return False
    return False


async def test_a_second_signal_ends_it_at_once(api: Served, cluster: TestCluster, database: str) -> None:
    async with a_slow_request(cluster, database, api) as asked:
        api.signal(signal.SIGTERM)
        await eventually(lambda: asyncio.to_thread(nobody_answers, api))
        api.signal(signal.SIGTERM)

        code = await asyncio.to_thread(api.ended, seconds=2)
        with pytest.raises(httpx.TransportError):
            await asked

    assert code == 128 + signal.SIGTERM


async def test_a_worker_answers_about_itself_alone_and_drains_while_the_broker_is_away(
    cluster: TestCluster, database: str, tmp_path: Path
) -> None:
    connection = await cluster.cluster.connect(database)
    await connection.execute(A_FACT)
    await connection.close()
    with served(BOOKING, "worker", environment=told(cluster, database), log_file=tmp_path / "w.log") as worker:
        statuses = [worker.get(path).status_code for path in ("/live", "/metrics", "/locations", "/parked")]
        failed = await asyncio.to_thread(worker.wait_for, "relay.failed")
        told_stuck = await eventually(lambda: asyncio.to_thread(stuck, worker), patience=40)
        begun = time.monotonic()
        worker.signal(signal.SIGTERM)
        code = await asyncio.to_thread(worker.ended)

    assert statuses == [200, 200, 404, 404]
    assert (failed["level"], told_stuck) == ("warning", ["relay"])
    assert (code, time.monotonic() - begun < STOP_SECONDS_MAX) == (0, True)


def stuck(process: Served) -> list[str] | None:
    answer = process.get("/ready")
    found: list[str] | None = None if answer.is_success else answer.json()["stuck"]
    return found


def test_migrating_is_a_role_that_ends(cluster: TestCluster, database: str, tmp_path: Path) -> None:
    with served(BOOKING, "migrate", environment=told(cluster, database), log_file=tmp_path / "m.log") as process:
        assert process.ended(seconds=30) == 0
