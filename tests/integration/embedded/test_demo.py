"""The demo chain is played through the services, so everything in it holds what they promise."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from chassis.clock import ManualClock
from embedded import contents, databases
from embedded.chain import Chain, manifests
from embedded.contents import Contents, Holding
from embedded.demo.diary import Extent
from embedded.demo.load import Story, load
from embedded.demo.opening_day import Owner
from embedded.opening import open_folder
from embedded.postgres import Cluster
from embedded.secrets import Secrets

SHORT = Extent(days_back=2, days_ahead=1, regulars=8)
MONDAY_NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def unseen(done: int, total: int) -> None:
    assert 0 <= done <= total


@pytest.fixture(scope="module")
async def data() -> AsyncIterator[tuple[Path, Cluster]]:
    with TemporaryDirectory(prefix="needlepoint-demo-") as folder:
        cluster = Cluster(Path(folder), durable=False)
        cluster.start()
        yield Path(folder), cluster
        cluster.stop()


@pytest.fixture(scope="module")
async def demo(data: tuple[Path, Cluster]) -> AsyncIterator[tuple[Chain, Owner]]:
    folder, cluster = data
    opened = await open_folder(folder, cluster, demo=None, advance=unseen)
    await opened.chain.stop()
    services = manifests(cluster, Secrets(folder))
    await load(services, story=Story(7, MONDAY_NOON, SHORT), advance=unseen)
    chain = Chain(services, clock=ManualClock(MONDAY_NOON))
    owner = Owner(chain)
    await owner.sign_in()
    yield chain, owner
    await owner.close()
    await chain.stop()


async def today(owner: Owner) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    locations = await owner.ask("booking", "GET", "/locations")
    midtown = next(each for each in locations if each["code"] == "midtown")
    day = await owner.ask("booking", "GET", f"/locations/{midtown['id']}/day?date=2026-11-23")
    visits: list[dict[str, Any]] = day["appointments"]
    return midtown, visits


@pytest.mark.timeout(300)
async def test_today_shows_visits_in_every_state(demo: tuple[Chain, Owner]) -> None:
    _, visits = await today(demo[1])

    states = Counter(each["status"] for each in visits)
    assert sum(states.values()) >= 30
    assert {"booked", "confirmed", "completed"} <= states.keys()
    assert states.keys() & {"checked_in", "numbing", "in_procedure"}


async def test_every_completed_session_has_money_stock_and_messages(demo: tuple[Chain, Owner]) -> None:
    chain, owner = demo
    midtown, visits = await today(owner)

    breaks = await owner.ask("audit", "GET", f"/breaks?location_id={midtown['id']}")
    completed = [each["id"] for each in visits if each["status"] == "completed"]
    settled = await owner.ask("billing", "GET", f"/appointments/settlements?ids={','.join(completed)}")

    assert not [each for each in breaks if each["healed_at"] is None]
    assert {each["appointment_id"] for each in settled} == set(completed)
    for service in chain.running:
        assert await owner.ask(service, "GET", "/parked") == []


async def test_the_books_balance_in_both_legal_entities(demo: tuple[Chain, Owner]) -> None:
    books = await demo[1].ask("billing", "GET", "/ledger/trial-balance")

    assert len(books["legal_entities"]) == 2
    assert all(each["balanced"] and each["deferred_agrees"] for each in books["legal_entities"])
    assert all(each["debit_total"]["minor"] > 0 for each in books["legal_entities"])


async def test_shelves_hold_an_ageing_lot_and_one_thing_too_scarce(demo: tuple[Chain, Owner]) -> None:
    _, owner = demo
    found = {each["code"]: each["id"] for each in await owner.ask("booking", "GET", "/locations")}

    midtown = await owner.ask("inventory", "GET", f"/stock?location_id={found['midtown']}")
    brooklyn = await owner.ask("inventory", "GET", f"/stock?location_id={found['brooklyn-heights']}")

    ageing = [
        lot for each in midtown for lot in each["lots"] if lot["on_hand"] > 0 and lot["expires_on"] < "2026-12-31"
    ]
    assert ageing
    assert [each["item"]["code"] for each in brooklyn if each["low"]] == ["lidocaine-4"]
    assert not [lot for each in (*midtown, *brooklyn) for lot in each["lots"] if lot["on_hand"] < 0]


async def test_packages_are_new_half_used_and_used_up(demo: tuple[Chain, Owner]) -> None:
    packages = (await demo[1].ask("billing", "GET", "/packages?limit=500"))["items"]

    left = {each["remaining"] - each["sessions"] for each in packages}, {each["remaining"] for each in packages}
    assert 0 in left[0]
    assert 0 in left[1]
    assert [each for each in packages if 0 < each["remaining"] < each["sessions"]]


async def test_messages_went_out_at_the_time_of_the_story(demo: tuple[Chain, Owner]) -> None:
    midtown, _ = await today(demo[1])

    page = await demo[1].ask("notifications", "GET", f"/messages?location_id={midtown['id']}&limit=500")

    states = Counter(each["state"] for each in page["items"])
    assert {"sent", "scheduled"} <= states.keys()
    assert all(each["sent_at"] <= "2026-11-23T17:00:01" for each in page["items"] if each["sent_at"])


@pytest.mark.timeout(300)
async def test_a_load_that_was_cut_short_begins_anew() -> None:
    with TemporaryDirectory(prefix="needlepoint-cut-") as name:
        folder = Path(name)
        cluster = Cluster(folder, durable=False)
        cluster.start()
        contents.write(folder, Contents(holding=Holding.LOADING))
        await databases.ensure(cluster, "booking")
        connection = await cluster.connect("booking", user="booking_owner")
        await connection.execute("CREATE TABLE half_loaded ()")
        await connection.close()

        opened = await open_folder(folder, cluster, demo=Extent(days_back=0, days_ahead=0, regulars=2), advance=unseen)

        assert opened.contents.holding is Holding.DEMO
        assert contents.read(folder).accounts
        connection = await cluster.connect("booking")
        assert await connection.fetchval("SELECT to_regclass('half_loaded')") is None
        await connection.close()
        await opened.chain.stop()
        await opened.site.close()
        cluster.stop()


async def test_a_chain_with_a_past_of_its_own_is_never_filled_with_demo_data(
    data: tuple[Path, Cluster], demo: Any
) -> None:
    folder, cluster = data
    contents.write(folder, Contents())

    opened = await open_folder(folder, cluster, demo=SHORT, advance=unseen)

    assert opened.contents.holding is Holding.OWN
    await opened.chain.stop()
    await opened.site.close()
