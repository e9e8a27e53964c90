"""However many want the same time at once, exactly one gets it, and nobody waits in a circle (I5, reliability §3)."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.db import sqlstate
from services.booking.app import build
from services.booking.practitioners.usecases import add_absence
from services.booking.schedule import usecases as claims
from services.booking.schedule.model import NO_OVERLAP
from services.booking.settings import BookingSettings
from tests.integration.conftest import MoveIn
from tests.support import booking
from tests.support.booking import BOOKING, TOMORROW, Clinic, act, at
from tests.support.house import House, plan
from tests.support.waiting import eventually

CLIENTS = 30
ROUNDS = 12
CROWDED = plan(build, BookingSettings, database_pool_size=CLIENTS, lock_timeout_ms=30_000, statement_timeout_ms=30_000)
"""As many connections as clients, so that they really meet in the database; on slow machines each waits longer."""

LOOKED_AT = "SELECT id FROM resource WHERE id = ANY($1::uuid[]) ORDER BY id"
LOCKED_SLOWLY = """
    SELECT id, pg_sleep(0.02) FROM
        (SELECT id FROM resource WHERE id = ANY($1::uuid[]) ORDER BY {order} FOR NO KEY UPDATE) AS locked
"""
"""Row by row with a pause, so that those who come at the same time are all half-way when they meet."""
WAITS_FOR_RESOURCES = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FROM resource WHERE id = ANY%'
"""
SAME_ORDER = "id"
OPPOSITE_ORDER = "CASE WHEN '{one}'::uuid = ANY($1::uuid[]) THEN id END, id DESC"
"""One of them from the first to the last, the others from the last to the first."""


async def race(house: House, clinic: Clinic, *, rounds: int = ROUNDS, clients: int = CLIENTS) -> list[Counter[int]]:
    """In each round everybody asks for the same hour of another day, with the same practitioner."""
    people = await booking.patients(house, clinic, clients)
    desk = booking.desk(house, clinic)
    outcomes = []
    for number in range(rounds):
        start = at("10:00", TOMORROW + timedelta(days=28 * number))
        answers = await asyncio.gather(
            *(booking.book(desk, clinic, who, start, practitioner_id=clinic.practitioners[0]) for who in people)
        )
        outcomes.append(Counter(answer.status_code for answer in answers))
    return outcomes


async def drop_constraint(house: House) -> None:
    """As the owner of the tables, whom the service never is."""
    connection = await booking.owner(house)
    try:
        await connection.execute(f"ALTER TABLE claim DROP CONSTRAINT {NO_OVERLAP}")
    finally:
        await connection.close()


async def deadlocks(house: House) -> int:
    async with booking.database(house).reading() as tx:
        await tx.execute(text("SELECT pg_stat_force_next_flush()"))
        seen = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return int(await tx.scalar(text(seen)) or 0)


def lock_by(monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    """Lock in another way than booking does."""
    monkeypatch.setattr(claims, "_LOCK", statement)


@pytest.mark.fault("F27", dose="thirty want one time, twelve times", holds="I5")
@pytest.mark.timeout(120)
async def test_of_thirty_who_want_one_time_exactly_one_gets_it_twelve_times_over(move_in: MoveIn) -> None:
    house = await move_in(CROWDED)
    clinic, _ = await booking.open_for_business(house)

    outcomes = await race(house, clinic)

    assert outcomes == [Counter({201: 1, 409: CLIENTS - 1})] * ROUNDS
    assert await booking.overlapping_claims(house) == 0
    assert await deadlocks(house) == 0


@pytest.mark.timeout(120)
@pytest.mark.parametrize("without", ["constraint", "lock"])
async def test_lock_and_constraint_each_hold_alone(
    move_in: MoveIn, monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    house = await move_in(CROWDED)
    clinic, _ = await booking.open_for_business(house)
    if without == "constraint":
        await drop_constraint(house)
    else:
        lock_by(monkeypatch, LOOKED_AT)

    outcomes = await race(house, clinic, rounds=2, clients=8)

    assert [each[201] for each in outcomes] == [1, 1]
    assert await booking.overlapping_claims(house) == 0


@pytest.mark.timeout(120)
async def test_without_lock_and_constraint_the_same_race_books_twice(
    move_in: MoveIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = await move_in(CROWDED)
    clinic, _ = await booking.open_for_business(house)
    await drop_constraint(house)
    lock_by(monkeypatch, LOOKED_AT)

    outcomes = await race(house, clinic, rounds=3)

    assert max(each[201] for each in outcomes) > 1
    assert await booking.overlapping_claims(house) > 0


@pytest.mark.timeout(120)
@pytest.mark.parametrize("order", [SAME_ORDER, OPPOSITE_ORDER])
async def test_two_who_lock_in_opposite_orders_wait_in_a_circle(
    move_in: MoveIn, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    house = await move_in(BOOKING)
    clinic, _ = await booking.open_for_business(house, practitioners=6, rooms=6)
    people = await booking.patients(house, clinic, 2)
    lock_by(monkeypatch, LOCKED_SLOWLY.format(order=order.format(one=people[0])))

    async def hold(who: UUID) -> None:
        async with booking.database(house).transaction() as tx:
            await claims.lock(tx, [*clinic.practitioners, *clinic.rooms, *clinic.devices, who])

    ends = await asyncio.gather(*(hold(who) for who in people), return_exceptions=True)

    undone = [sqlstate(end) for end in ends if isinstance(end, BaseException)]
    assert undone == (["40P01"] if order == OPPOSITE_ORDER else [])


@pytest.mark.timeout(120)
async def test_without_a_wish_as_many_are_booked_as_there_is_room_for(move_in: MoveIn) -> None:
    house = await move_in(CROWDED)
    clinic, _ = await booking.open_for_business(house, practitioners=4, rooms=3, bays=5)
    people = await booking.patients(house, clinic, CLIENTS)
    desk = booking.desk(house, clinic)

    answers = await asyncio.gather(*(booking.book(desk, clinic, who, at("10:00")) for who in people))

    assert Counter(answer.status_code for answer in answers) == Counter({201: 3, 409: CLIENTS - 3})
    assert await booking.overlapping_claims(house) == 0
    assert await deadlocks(house) == 0


async def test_nobody_is_booked_into_an_absence_that_is_written_at_the_same_moment(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house, practitioners=1)
    desk, db = booking.desk(house, clinic), booking.database(house)

    async def is_waiting() -> bool:
        async with db.reading() as tx:
            return bool(await tx.scalar(text(WAITS_FOR_RESOURCES)))

    async with db.transaction() as tx:
        await add_absence(tx, clinic.practitioners[0], TOMORROW)
        booking_it = asyncio.create_task(booking.book(desk, clinic, mary, at("10:00")))
        await eventually(is_waiting)
    refused = await booking_it

    assert (refused.status_code, refused.json()["code"]) == (409, "outside_hours")
    assert await booking.claims(house) == {}


async def test_of_two_desks_that_move_one_visit_one_wins_and_the_other_is_told(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    one, other = booking.desk(house, clinic), booking.desk(house, clinic)
    visit = (await booking.book(one, clinic, mary, at("10:00"))).json()

    answers = await asyncio.gather(
        act(one, visit, "move", local_start=at("13:00").isoformat(), version=visit["version"]),
        act(other, visit, "move", local_start=at("15:00").isoformat(), version=visit["version"]),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    [won] = [answer.json() for answer in answers if answer.status_code == 200]
    [told] = [answer.json() for answer in answers if answer.status_code == 409]
    assert told["code"] == "changed_meanwhile"
    assert (told["version"], told["local_start"]) == (won["version"], won["local_start"])


async def test_a_cancelled_time_goes_to_one_of_those_who_want_it(move_in: MoveIn) -> None:
    house = await move_in(CROWDED)
    clinic, mary = await booking.open_for_business(house, practitioners=1)
    desk = booking.desk(house, clinic)
    visit = (await booking.book(desk, clinic, mary, at("10:00"))).json()
    people = await booking.patients(house, clinic, 10)

    await asyncio.gather(
        act(desk, visit, "cancel", by="clinic"), *(booking.book(desk, clinic, who, at("10:00")) for who in people)
    )
    later = await booking.book(desk, clinic, people[-1], at("10:00"))

    assert later.status_code in {201, 409}
    assert await booking.overlapping_claims(house) == 0
    day = (await desk.get("/appointments", params={"location_id": str(clinic.id), "date": str(TOMORROW)})).json()
    assert [each["status"] for each in day if each["status"] == "booked"] == ["booked"]


async def test_bookings_and_moves_at_the_same_time_leave_no_overlap(move_in: MoveIn) -> None:
    house = await move_in(CROWDED)
    clinic, _ = await booking.open_for_business(house, practitioners=3, rooms=3, bays=3)
    people = await booking.patients(house, clinic, 16)
    desk = booking.desk(house, clinic)
    first = [await booking.book(desk, clinic, who, at(f"{9 + number:02d}:00")) for number, who in enumerate(people[:8])]
    visits = [answer.json() for answer in first if answer.status_code == 201]

    answers = await asyncio.gather(
        *(act(desk, visit, "move", local_start=at("12:00").isoformat()) for visit in visits),
        *(booking.book(desk, clinic, who, at("12:30")) for who in people[8:]),
    )

    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert await booking.overlapping_claims(house) == 0
    assert await deadlocks(house) == 0
