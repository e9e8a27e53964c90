import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import uuid4

from tests.support.web import a_message
from web.live import AGAIN, HEARTBEAT, WAITING_MAX, Live

MIDTOWN, VENICE = uuid4(), uuid4()


async def test_a_fact_of_a_visit_reaches_who_looks_at_its_location() -> None:
    live = Live()
    visit = uuid4()
    async with aclosing(live.stream(MIDTOWN, since=live.mark(MIDTOWN))) as here:
        await _has_connected(here)

        live.hear([a_message(appointment_id=visit, location_id=MIDTOWN, version=3)])

        hint = _hint(await anext(here))
        assert hint == ("visit", {"appointment_id": str(visit), "version": 3, "type": "booking.appointment-confirmed"})


async def test_a_stream_ends_with_the_session_at_the_next_hint_or_heartbeat() -> None:
    live = Live(heartbeat_seconds=0.01)
    signed_in = True
    async with aclosing(live.stream(MIDTOWN, since=live.mark(MIDTOWN), goes_on=lambda: signed_in)) as here:
        await _has_connected(here)
        assert await anext(here) == HEARTBEAT

        signed_in = False
        live.hear([a_message(appointment_id=uuid4(), location_id=MIDTOWN)])

        assert [hint async for hint in here] == []


async def test_a_hint_tells_ids_and_nothing_else() -> None:
    live = Live()
    async with aclosing(live.stream(MIDTOWN, since=live.mark(MIDTOWN))) as here:
        await _has_connected(here)

        live.hear([a_message(appointment_id=uuid4(), location_id=MIDTOWN, patient_id=uuid4())])

        _, told = _hint(await anext(here))
        assert told.keys() == {"appointment_id", "version", "type"}


async def test_other_locations_hear_nothing_of_it() -> None:
    live = Live(heartbeat_seconds=0.01)
    async with aclosing(live.stream(VENICE, since=live.mark(VENICE))) as elsewhere:
        await _has_connected(elsewhere)

        live.hear([a_message(appointment_id=uuid4(), location_id=MIDTOWN)])

        assert await anext(elsewhere) == HEARTBEAT


async def test_the_figures_are_hinted_at_once_for_a_whole_batch() -> None:
    live = Live(heartbeat_seconds=0.01)
    async with aclosing(live.stream(MIDTOWN, since=live.mark(MIDTOWN))) as here:
        await _has_connected(here)

        live.hear([a_message(appointment_id=uuid4(), location_id=MIDTOWN) for _ in range(3)])

        kinds = [_hint(await anext(here))[0] for _ in range(4)]
        assert kinds == ["visit", "visit", "visit", "kpis"]
        assert await anext(here) == HEARTBEAT


async def test_a_fact_that_names_only_the_visit_follows_the_visit_home() -> None:
    live = Live()
    visit = uuid4()
    async with aclosing(live.stream(MIDTOWN, since=live.mark(MIDTOWN))) as here:
        await _has_connected(here)
        live.hear([a_message(appointment_id=visit, location_id=MIDTOWN)])
        assert [_hint(await anext(here))[0] for _ in range(2)] == ["visit", "kpis"]

        live.hear([a_message("billing.entitlement-reserved", appointment_id=visit)])

        assert _hint(await anext(here))[0] == "followed"


async def test_who_is_too_slow_is_told_to_load_everything_again() -> None:
    live = Live()
    async with aclosing(live.stream(MIDTOWN, since=live.mark(MIDTOWN))) as here:
        await _has_connected(here)

        for _ in range(WAITING_MAX):
            live.hear([a_message(appointment_id=uuid4(), location_id=MIDTOWN)])

        told = [await anext(here)]
        assert told == [AGAIN]


async def test_who_opened_the_page_before_something_happened_is_told_to_load_again() -> None:
    live = Live()
    mark = live.mark(MIDTOWN)

    live.hear([a_message(appointment_id=uuid4(), location_id=MIDTOWN)])

    async with aclosing(live.stream(MIDTOWN, since=mark)) as here:
        await _has_connected(here)
        assert await anext(here) == AGAIN


async def test_the_mark_of_another_process_proves_nothing() -> None:
    mark, live = Live().mark(MIDTOWN), Live()
    async with aclosing(live.stream(MIDTOWN, since=mark)) as here:
        await _has_connected(here)
        assert await anext(here) == AGAIN


async def test_who_has_gone_is_forgotten() -> None:
    live = Live()
    stream = live.stream(MIDTOWN)
    await _has_connected(stream)

    await stream.aclose()

    assert not live._queues


async def test_closing_ends_every_stream() -> None:
    live = Live()
    async with aclosing(live.stream(MIDTOWN, since=live.mark(MIDTOWN))) as here:
        await _has_connected(here)

        live.close()

        assert [each async for each in here] == []


async def _has_connected(stream: AsyncIterator[bytes]) -> None:
    assert (await anext(stream)).startswith(b"retry:")


def _hint(sent: bytes) -> tuple[str, dict[str, Any]]:
    lines = dict(line.split(": ", 1) for line in sent.decode().strip().splitlines())
    return lines["event"], json.loads(lines["data"])
