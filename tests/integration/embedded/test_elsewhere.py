"""A chain in databases that other processes serve: filled once, and never over somebody's work."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chassis.errors import DomainError
from chassis.settings import UnusableSettings
from embedded import contents, databases, elsewhere, owner
from embedded.chain import manifests, prepare
from embedded.contents import Contents, Holding
from embedded.demo.diary import Extent
from embedded.elsewhere import CutShortError, SchemaIsBehindError
from embedded.postgres import Cluster
from embedded.preflight import CannotStartError
from embedded.roster import ROSTER
from embedded.secrets import Secrets

SHORT = Extent(days_back=0, days_ahead=0, regulars=0)
WHO = {"email": "ada@example.com", "name": "Ada Vance", "password": "needles-and-serum"}


def unseen(done: int, total: int) -> None:
    assert 0 <= done <= total


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with TemporaryDirectory(prefix="needlepoint-elsewhere-") as folder:
        cluster = Cluster(Path(folder), durable=False)
        cluster.start()
        yield cluster
        cluster.stop()


@pytest.fixture
def told(cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Everything that a container is told, as secret files."""
    urls = {name: cluster.url(name, user=name) for name in ROSTER}
    secrets = tmp_path / "told"
    secrets.mkdir()
    (secrets / "needlepoint_database_urls").write_text(json.dumps(urls))
    (secrets / "needlepoint_key_encryption_key").write_text("k" * 64)
    (secrets / "needlepoint_service_keys").write_text(json.dumps(dict.fromkeys(ROSTER, "s" * 64)))
    monkeypatch.setenv("NEEDLEPOINT_SECRETS_DIR", str(secrets))
    return tmp_path


@pytest.fixture
async def empty(told: Path, cluster: Cluster) -> Path:
    """The same, and databases with tables in which nothing ever happened."""
    for name in ROSTER:
        await databases.drop(cluster, name)
    await prepare(cluster, manifests(cluster, Secrets(told)))
    return told


async def fill(folder: Path) -> Contents:
    return await elsewhere.fill(elsewhere.manifests(), folder, extent=SHORT, advance=unseen)


@pytest.mark.timeout(900)
async def test_an_empty_chain_is_filled_once(empty: Path, cluster: Cluster) -> None:
    first = await fill(empty)
    connection = await cluster.connect("booking")
    before = await connection.fetchval("SELECT count(*) FROM outbox")

    again = await fill(empty)

    after = await connection.fetchval("SELECT count(*) FROM outbox")
    await connection.close()
    assert first.holding is Holding.DEMO
    assert again == first
    assert before == after > 0


async def test_a_chain_in_which_somebody_works_is_left_alone(empty: Path, cluster: Cluster) -> None:
    await owner.enrol(elsewhere.manifests(), **WHO)

    held = await fill(empty)
    with pytest.raises(DomainError) as refused:
        await owner.enrol(elsewhere.manifests(), **WHO)

    connection = await cluster.connect("booking")
    assert held == contents.read(empty) == Contents(holding=Holding.OWN)
    assert await connection.fetchval("SELECT count(*) FROM outbox") == 0
    assert refused.value.code == "already_set_up"
    await connection.close()


async def test_half_a_demo_chain_is_not_taken_for_a_whole_one(told: Path) -> None:
    contents.write(told, Contents(holding=Holding.LOADING))

    with pytest.raises(CutShortError):
        await fill(told)


async def test_a_database_without_tables_is_not_filled(told: Path, cluster: Cluster) -> None:
    for name in ROSTER:
        await databases.drop(cluster, name)
        await databases.ensure(cluster, name)

    with pytest.raises(SchemaIsBehindError, match="identity"):
        await fill(told)

    assert contents.read(told).holding is Holding.NOTHING


@pytest.mark.parametrize("urls", ["{}", '{"booking": "postgresql://booking@host/booking"}'])
async def test_every_database_has_to_be_named(told: Path, urls: str) -> None:
    (told / "told" / "needlepoint_database_urls").write_text(urls)

    with pytest.raises(CannotStartError, match="audit, billing"):
        elsewhere.manifests()


async def test_what_is_missing_is_named(told: Path) -> None:
    (told / "told" / "needlepoint_database_urls").unlink()

    with pytest.raises(UnusableSettings, match="NEEDLEPOINT_DATABASE_URLS"):
        elsewhere.manifests()
