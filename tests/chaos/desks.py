"""Desks that complete visit after visit, each in its own lane, until there are enough."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.chaos.clinics import PACKAGE, PACKAGE_SESSIONS, Lane
from tests.chaos.insisting import Insistent
from tests.support.story import TREATMENT, Json, a_patient, a_record

BUYS_EVERY = 10
"""Of so many patients one buys a package."""


@dataclass
class Acknowledged:
    """What the system said it had done."""

    booked: set[str] = field(default_factory=set)
    completed: set[str] = field(default_factory=set)
    sold: int = 0
    longest_seconds: float = 0.0
    """That any command took until it was answered."""


async def work(api: Insistent, lane: Lane, said: Acknowledged, *, until: int | asyncio.Event) -> None:
    """One visit after the other, until that many are completed by all desks together, or until the evening."""
    while not (until.is_set() if isinstance(until, asyncio.Event) else len(said.booked) >= until):
        await one_visit(api, lane, said)


async def one_visit(api: Insistent, lane: Lane, said: Acknowledged) -> None:
    """Register where needed, book, check in, start, complete; nothing is asked for that is known already."""
    who, when = lane.next_time()
    if who not in lane.patients:
        lane.patients[who] = await _register(api, lane, said, buys=who % BUYS_EVERY == 0)
    body = {"patient_id": lane.patients[who], "location_id": lane.location_id, "treatment": TREATMENT}
    booked = await _timed(api, said, "/appointments", {**body, "local_start": when})
    said.booked.add(booked["id"])
    for step in ("check-in", "start"):
        await _timed(api, said, f"/appointments/{booked['id']}/{step}", {})
    await _timed(api, said, f"/appointments/{booked['id']}/complete", a_record(lane.products))
    said.completed.add(booked["id"])


async def _register(api: Insistent, lane: Lane, said: Acknowledged, *, buys: bool) -> str:
    patient: Json = await api.post("booking", "/patients", a_patient(lane.location_id))
    if buys:
        paid = [{"method": "cash", "amount": PACKAGE}]
        body = {"patient_id": patient["id"], "location_id": lane.location_id, "treatment": TREATMENT}
        body |= {"sessions": PACKAGE_SESSIONS, "price": PACKAGE, "payments": paid}
        await api.post("billing", "/packages", body)
        said.sold += 1
    patient_id: str = patient["id"]
    return patient_id


async def _timed(api: Insistent, said: Acknowledged, path: str, body: Json) -> Json:
    began = time.monotonic()
    done: Json = await api.post("booking", path, body)
    said.longest_seconds = max(said.longest_seconds, time.monotonic() - began)
    return done


async def all_at_work(apis: Sequence[Insistent], lanes: Sequence[Lane], said: Acknowledged, *, until: int) -> None:
    """A desk in each lane."""
    async with asyncio.TaskGroup() as desks:
        for api, lane in zip(apis, lanes, strict=True):
            desks.create_task(work(api, lane, said, until=until))


@asynccontextmanager
async def at_work(apis: Sequence[Insistent], lanes: Sequence[Lane]) -> AsyncIterator[Acknowledged]:
    """The same for as long as the block lasts; then everybody finishes the visit they are at."""
    said, evening = Acknowledged(), asyncio.Event()
    async with asyncio.TaskGroup() as desks:
        for api, lane in zip(apis, lanes, strict=True):
            desks.create_task(work(api, lane, said, until=evening))
        try:
            yield said
        finally:
            evening.set()
