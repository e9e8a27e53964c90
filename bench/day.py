"""Row `day`: the page of a day with sixty visits, at the server and on the screen of a real browser."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from itertools import islice

import httpx
from playwright.async_api import Page, async_playwright

from bench.caller import Caller
from bench.clinics import TREATMENT, Clinic, Visit, open_clinics, visits
from bench.finding import Finding, Kind, Pair, Target, Unit
from bench.row import Bench, Row, percentile, timed
from bench.site import EMAIL, PASSWORD, Whole, whole
from chassis.clock import SystemClock
from chassis.db import Database
from services.booking.appointments import usecases
from services.booking.appointments.booking import Request
from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.waiting import eventually

VISITS = 60
LANES = 7
"""Sixty-three visits fit beside and after one another."""
SERVER_FLOOR = "the calls of the page to the services, bare: day and treatments side by side, then settlements"
SCREEN_FLOOR = "the page fetched by the same browser, without drawing it"


async def measure(bench: Bench) -> Sequence[Finding]:
    stands = await whole(bench)
    db = stands.database("booking")
    bench.tell("booking the day")
    [clinic] = await open_clinics(db, 1, patients=VISITS, lanes=LANES)
    on = SystemClock().now().date() + timedelta(days=2)
    for visit in islice(visits(clinic, on), VISITS):
        await _booked(db, visit)
    session = await _session(stands)
    path = f"/l/clinic-0/day/{on}"
    target = Target(kind=Kind.FIGURE, most=50)
    found = await _at_the_server(stands, clinic, (path, on), session)
    what = f"day page, {VISITS} visits, at the server, p95"
    findings = [found.finding(what, Unit.MILLISECONDS, floor_is=SERVER_FLOOR, target=target)]
    if chromium_path() is not None:
        seen = await _on_screen(stands, path)
        target = Target(kind=Kind.FIGURE, most=500)
        what = f"day page, {VISITS} visits, painted"
        findings.append(seen.finding(what, Unit.MILLISECONDS, floor_is=SCREEN_FLOOR, target=target))
    return findings


ROW = Row("day", measure)


async def _booked(db: Database, visit: Visit) -> None:
    request = Request(
        patient_id=visit.patient_id,
        location_id=visit.clinic.id,
        treatment=TREATMENT,
        local_start=visit.local_start,
    )
    async with db.transaction() as tx:
        await usecases.book(tx, usecases.NewAppointment(request=request), now=SystemClock().now())


async def _session(stands: Whole) -> str:
    """The cookie of the owner, once the clinic is known everywhere and the page is there."""
    form = {"email": EMAIL, "password": PASSWORD}
    async with httpx.AsyncClient(base_url=stands.url, timeout=30) as browser:
        await browser.post("/sign-in", data=form, headers={"origin": stands.url})

        async def opens() -> bool:
            return (await browser.get("/l/clinic-0/day", follow_redirects=True)).is_success

        await eventually(opens)
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


async def _at_the_server(stands: Whole, clinic: Clinic, asked: tuple[str, date], session: str) -> Pair:
    path, on = asked
    page = await Caller.to(stands.url, cookie=session)
    token = f"Bearer {await stands.token()}"
    first, second = [await Caller.to(stands.url, authorization=token) for _ in range(2)]
    for each in (page, first, second):
        stands.bench.stack.push_async_callback(each.close)

    async def ours() -> None:
        await page.get(path)

    async def floor() -> None:
        told, _ = await asyncio.gather(
            first.get(f"/api/booking/locations/{clinic.id}/day?date={on}"), second.get("/api/booking/treatments")
        )
        ids = ",".join(each["id"] for each in json.loads(told)["appointments"])
        await first.get(f"/api/billing/appointments/settlements?ids={ids}")

    return await _in_turn(stands.bench, ours, floor, per_cent=95, times=stands.bench.sized(3, 20, 60))


async def _on_screen(stands: Whole, path: str) -> Pair:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        context = await browser.new_context(base_url=stands.url, viewport={"width": 1440, "height": 900})
        form: dict[str, str | float | bool] = {"email": EMAIL, "password": PASSWORD}
        await context.request.post("/sign-in", form=form, headers={"origin": stands.url}, max_redirects=0)
        page = await context.new_page()
        await page.goto(path)

        async def ours() -> None:
            await page.goto(path, wait_until="commit")
            await _painted(page)

        async def floor() -> None:
            await page.evaluate("async (path) => { await (await fetch(path)).text() }", path)

        found = await _in_turn(stands.bench, ours, floor, per_cent=50, times=stands.bench.sized(1, 3, 7))
        await browser.close()
    return found


async def _painted(page: Page) -> None:
    """Every card is in the page, and a frame has been drawn since."""
    await page.wait_for_function(
        "count => document.querySelectorAll('.ec-event .card').length >= count", arg=VISITS, polling="raf"
    )
    await page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn, 0)))")


async def _in_turn(
    bench: Bench,
    ours: Callable[[], Awaitable[None]],
    floor: Callable[[], Awaitable[None]],
    *,
    per_cent: float,
    times: int,
) -> Pair:
    def round_of(act: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[float]]:
        async def one() -> float:
            return percentile([await timed(act) for _ in range(times)], per_cent)

        return one

    await ours()
    await floor()
    return await bench.in_turn(round_of(ours), round_of(floor))
