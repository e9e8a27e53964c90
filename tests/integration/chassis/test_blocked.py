"""A fact that no bus takes is blocked with its reason; it holds back what came later of its thing, and nothing else."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from chassis.bus import Unsendable
from chassis.bus.local import LocalCarrier
from chassis.clock import new_id
from chassis.db import Tx
from chassis.message import Message
from chassis.outbox import OUTBOX, emit
from chassis.relay import Relay
from chassis.settings import ServiceSettings
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.house import NOON, House, plan

MARKS = plan(marks.build, ServiceSettings)


class Choosy:
    """Takes nothing with "poison" in it, and like every carrier no part of a batch."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def publish(self, messages: Sequence[Message]) -> None:
        for message in messages:
            if "poison" in message.body["text"]:
                raise Unsendable(message, "poison")
        self.heard += [message.body["text"] for message in messages]


@pytest.fixture
async def house(move_in: MoveIn) -> House:
    return await move_in(MARKS)


async def tell(house: House, *texts: str) -> None:
    """A thing for each letter; what follows the letter is said of it."""
    async with house.running["marks"].context.db.transaction() as tx:
        for number, said in enumerate(texts):
            mark_id = UUID(int=ord(said[0]))
            emit(tx, marks.MarkMade(mark_id=mark_id, version=await _next(tx, mark_id) + number, at=NOON, text=said))


async def _next(tx: Tx, mark_id: UUID) -> int:
    newest = select(func.coalesce(func.max(OUTBOX.c.aggregate_version), 0)).where(OUTBOX.c.aggregate_id == mark_id)
    return int(await tx.scalar(newest) or 0) + 1


async def reasons(house: House) -> list[tuple[str, str]]:
    """What is blocked, and why."""
    async with house.running["marks"].context.db.reading() as tx:
        blocked = select(OUTBOX.c.payload, OUTBOX.c.blocked_reason).where(OUTBOX.c.blocked_reason.is_not(None))
        return [(payload["text"], reason) for payload, reason in await tx.execute(blocked.order_by(OUTBOX.c.id))]


async def test_it_holds_back_what_came_later_of_its_thing_and_nothing_else(house: House) -> None:
    await tell(house, "a1", "b1", "a2 poison", "b2", "a3", "c1")
    carrier = Choosy()

    sent = await Relay(house.running["marks"].context.db, carrier).drain()

    assert (sent, carrier.heard) == (4, ["a1", "b1", "b2", "c1"])
    assert await reasons(house) == [("a2 poison", "poison")]


async def test_what_comes_after_it_was_blocked_waits_as_well(house: House) -> None:
    carrier = Choosy()
    relay = Relay(house.running["marks"].context.db, carrier)
    await tell(house, "a1 poison")
    await relay.drain()

    await tell(house, "a2", "b1")
    await relay.drain()

    assert carrier.heard == ["b1"]


async def test_several_in_one_batch_are_all_blocked(house: House) -> None:
    await tell(house, "a1 poison", "b1 poison", "b2 poison", "c1", "b3")
    carrier = Choosy()

    await Relay(house.running["marks"].context.db, carrier).drain()

    assert carrier.heard == ["c1"]
    assert await reasons(house) == [("a1 poison", "poison"), ("b1 poison", "poison")]


async def test_once_it_is_mended_everything_goes_out_in_order(house: House) -> None:
    db, carrier = house.running["marks"].context.db, Choosy()
    await tell(house, "a1 poison", "a2", "b1")
    await Relay(db, carrier).drain()

    async with db.transaction() as tx:
        mended = OUTBOX.c.payload.op("||")(text("""'{"text": "a1"}'::jsonb"""))
        await tx.execute(
            update(OUTBOX).where(OUTBOX.c.blocked_reason.is_not(None)).values(payload=mended, blocked_reason=None)
        )
    await Relay(db, carrier).drain()

    assert carrier.heard == ["b1", "a1", "a2"]


async def test_what_does_not_say_what_it_is_does_not_stop_the_local_carrier(house: House) -> None:
    """A row that somebody broke by hand; each later row would wait behind it for ever."""
    db = house.running["marks"].context.db
    await tell(house, "a1", "b1")
    async with db.transaction() as tx:
        broken = select(func.min(OUTBOX.c.id)).scalar_subquery()
        await tx.execute(update(OUTBOX).where(OUTBOX.c.id == broken).values(headers={"id": str(new_id())}))
    heard: list[str] = []
    carrier = LocalCarrier()
    carrier.look_on(lambda messages: heard.extend(message.body["text"] for message in messages))

    await Relay(db, carrier).drain()

    assert heard == ["b1"]
    assert await reasons(house) == [("a1", "its envelope does not say what it is")]
