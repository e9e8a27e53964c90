"""A location as its manager keeps it up: the hours it is open, the rooms and the devices in it."""

from asyncio import gather
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import MANAGEMENT, Role
from web import opening, readiness, typed
from web.clients import booking, places
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.forms import Entered, entered
from web.labels import MODALITIES, ROOMS
from web.menu import Entry, Page, Section

router = APIRouter(prefix="/l/{place}/location")

DONE = {
    "opened": "The location is open. What it needs before the first visit stands below.",
    "week": "The hours are saved. Visits that are booked outside them stay where they are: look at the days concerned.",
    "day": "The day is saved. Visits that are booked outside its hours stay where they are.",
    "usual": "The day is as its weekday again. Visits that are booked outside those hours stay where they are.",
    "room": "The room is added, and can be booked at once.",
    "device": "The device is added, and can be booked at once.",
    "serviced": "The service is noted. The device can be booked up to that day.",
}
DEVICES = {name: text for name, text in MODALITIES.items() if name != "none"}
SOON_DAYS = 30
"""A device whose service runs out within these is pointed out."""


@router.get("")
async def hours(desk: AtDesk, done: str = "") -> HTMLResponse:
    """The week, and the days that differ from it."""
    return await _hours(desk, None, done=DONE.get(done, ""))


@router.post("/hours")
async def open_weekly(desk: AtDesk, request: Request) -> Response:
    """Other hours from now on."""
    form = await entered(request)
    week, before = opening.week(form), form.kept("looked-at")
    if not form.is_fine:
        return await _hours(desk, form, status=422)
    try:
        await places.open_weekly(desk.api, desk.place.id, week, replaces=before, key=form.key)
    except ApiProblem as problem:
        form.refuse(problem)
        return await _hours(desk, form, is_late=problem.code == "hours_changed", status=422)
    return _back(desk, "", "week")


@router.post("/days")
async def except_day(desk: AtDesk, request: Request) -> Response:
    """Other hours on one day; closed where none are entered."""
    form = await entered(request)
    day, span = form.read("day", typed.day), opening.read(form, "other")
    if (
        form.is_fine
        and day
        and await form.accepted(places.except_day(desk.api, desk.place.id, day, span, key=form.key))
    ):
        return _back(desk, "", "day")
    return await _hours(desk, form, status=422)


@router.post("/days/{on}/withdraw")
async def withdraw_day(desk: AtDesk, request: Request, on: date) -> Response:
    """Open as on its weekday after all."""
    form = await entered(request)
    if await form.accepted(places.withdraw_day(desk.api, desk.place.id, on, key=form.key)):
        return _back(desk, "", "usual")
    return await _hours(desk, form, status=422)


@router.get("/rooms")
async def rooms(desk: AtDesk, done: str = "") -> HTMLResponse:
    """Where visits take place, and where cream takes effect."""
    return await _rooms(desk, Entered.blank(kind="treatment"), done=DONE.get(done, ""))


@router.post("/rooms")
async def add_room(desk: AtDesk, request: Request) -> Response:
    """One more room."""
    form = await entered(request)
    form.need("name", "Enter what the door says, such as Room 3.")
    if form.is_fine:
        body = {"location_id": str(desk.place.id), "name": form["name"], "kind": form["kind"]}
        if await form.accepted(places.add_room(desk.api, body, key=form.key)):
            return _back(desk, "/rooms", "room")
    return await _rooms(desk, form, status=422)


@router.get("/devices")
async def devices(desk: AtDesk, done: str = "") -> HTMLResponse:
    """What is needled with, and up to which day before it has to be serviced."""
    return await _devices(desk, Entered.blank(), done=DONE.get(done, ""))


@router.post("/devices")
async def add_device(desk: AtDesk, request: Request) -> Response:
    """One more device."""
    form = await entered(request)
    form.need("name", "Enter what people call it, such as Pen 2.")
    form.need("serial", "Enter the serial number; it stands on its label.")
    until = form.read("serviced_until", typed.day)
    if form.is_fine and until:
        names = ("name", "serial", "modality", "serviced_until")
        body = {"location_id": str(desk.place.id), **{name: form[name] for name in names}}
        if await form.accepted(places.add_device(desk.api, body, key=form.key)):
            return _back(desk, "/devices", "device")
    return await _devices(desk, form, status=422)


@router.post("/devices/{device_id}/service")
async def service(desk: AtDesk, request: Request, device_id: UUID) -> Response:
    """It came back from its service."""
    here = await booking.resources(desk.api, desk.place.id)
    if device_id not in {device.id for device in here.devices}:
        raise ApiProblem(404, "not_found", "There is no such device here.")
    form = await entered(request)
    until = form.read(f"until-{device_id}", typed.day)
    if form.is_fine and until and await form.accepted(places.service(desk.api, device_id, until, key=form.key)):
        return _back(desk, "/devices", "serviced")
    return await _devices(desk, form, status=422)


def _back(desk: Desk, path: str, done: str) -> Response:
    return RedirectResponse(f"/l/{desk.place.code}/location{path}?done={done}", status_code=303)


async def _hours(
    desk: Desk, form: Entered | None, *, is_late: bool = False, done: str = "", status: int = 200
) -> HTMLResponse:
    known, steps = await gather(places.particulars(desk.api, desk.place.id), readiness.steps_of(desk))
    if form and is_late:
        now = "; ".join(opening.differing(form, known.opening))
        form.refused = f"Somebody else changed the hours meanwhile. Now there is: {now}. Save yours to replace that."
    week = form if form and "mon-from" in form.values else Entered.blank(**opening.entered_week(known.opening))
    return _page(
        desk,
        "hours",
        status=status,
        known=known,
        steps=None if steps.is_ready else steps,
        week=week,
        looked_at=opening.kept(known.opening),
        fresh_key=lambda: Entered.blank().key,
        opens_more=desk.visitor.staff.may_everywhere((Role.OWNER,)),
        other=form if form and week is not form else Entered.blank(),
        coming=known.coming(desk.place.today(desk.now)),
        weekdays=opening.WEEKDAYS,
        span=opening.span,
        done=done,
    )


async def _rooms(desk: Desk, form: Entered, *, done: str = "", status: int = 200) -> HTMLResponse:
    found = await booking.resources(desk.api, desk.place.id)
    return _page(desk, "rooms", status=status, rooms=found.rooms, kinds=ROOMS, form=form, done=done)


async def _devices(desk: Desk, form: Entered, *, done: str = "", status: int = 200) -> HTMLResponse:
    found, today = await booking.resources(desk.api, desk.place.id), desk.place.today(desk.now)
    return _page(
        desk,
        "devices",
        status=status,
        devices=found.devices,
        kinds=DEVICES,
        form=form,
        fresh_key=lambda: Entered.blank().key,
        today=today,
        soon=lambda until: (until - today).days <= SOON_DAYS,
        done=done,
    )


def _page(desk: Desk, tab: str, *, status: int, **shown: Any) -> HTMLResponse:
    return desk.page(f"pages/location_{tab}.html", status=status, tab=tab, **shown)


PAGE = Page(router, MANAGEMENT, (Entry(Section.SET_UP, "Location", "building", "location", MANAGEMENT),))
