"""Booking, money, the record, cut off after COMMIT: who asks again under the same key gets the one answer."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from tests.support.booking import a_record
from tests.support.databases import Detoured, TestCluster
from tests.support.everyone import Chain, a_package, a_patient, an_appointment, everyone, open_chain, outcome, settle
from tests.support.house import House
from tests.support.network import Link


@pytest.fixture
async def link(test_cluster: TestCluster) -> AsyncIterator[Link]:
    async with Link(test_cluster.socket) as link:
        yield link


@pytest.fixture
async def chain(test_cluster: TestCluster, link: Link) -> AsyncIterator[Chain]:
    """All services, their databases at the other end of the link."""
    house = House(Detoured(test_cluster, port=link.port))
    await house.move_in(everyone())
    yield await open_chain(house)
    await house.close()


class Cut:
    """Sends every command twice under one key; the first time the answer to its COMMIT is lost."""

    def __init__(self, chain: Chain, link: Link) -> None:
        self._chain = chain
        self._link = link

    async def do(self, service: str, path: str, body: Any) -> dict[str, Any]:
        self._link.lose_the_answer_to(b"COMMIT")
        key = {"idempotency-key": str(uuid4())}
        client = self._chain.client(service)
        unknown = await client.post(path, json=body, headers=key)
        known = await client.post(path, json=body, headers=key)
        assert unknown.status_code == 503, unknown.text
        assert known.headers.get("idempotent-replayed") == "true", known.text
        answer: dict[str, Any] = known.json()
        return answer


@pytest.mark.fault(
    "F9", dose="after COMMIT of a registration, sale, booking, record", holds="I5 I6 I7 I8 I11 I12 I15 I16"
)
async def test_every_command_that_was_cut_off_was_carried_out_once(chain: Chain, link: Link) -> None:
    cut = Cut(chain, link)

    patient = await cut.do("booking", "/patients", a_patient(chain, "imogen"))
    await settle(chain.house)
    await cut.do("billing", "/packages", a_package(chain, patient["id"]))
    booked = await cut.do("booking", "/appointments", an_appointment(chain, patient["id"], "redeemed", 0))
    for step in ("check-in", "start"):
        await cut.do("booking", f"/appointments/{booked['id']}/{step}", {})
    await cut.do("booking", f"/appointments/{booked['id']}/complete", a_record())
    await settle(chain.house)

    seen = await outcome(chain, {"redeemed": booked["id"]})
    assert seen["redeemed"]["money"] == [("redeemed", {"minor": 50_000, "currency": "USD"})]
    assert seen["redeemed"]["stock"] == [("cartridge", 1), ("serum", 300)]
    assert seen["redeemed"]["facts"]["booking.session-completed"] == 1
    assert seen["stock"] == {"cartridge": 39, "serum": 5_700}
    assert all(entity["balanced"] for entity in seen["books"])
    account = await chain.get("billing", f"/patients/{patient['id']}/account")
    assert [each["remaining"] for each in account["packages"]] == [2]
