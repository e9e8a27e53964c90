"""One who treats: shifts, absences and credentials, kept up by the manager of the location."""

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import MANAGEMENT
from web import opening, typed
from web.clients import practitioners
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.forms import Entered, entered
from web.labels import MODALITIES
from web.menu import Page
from web.pages.practitioners import NEEDLING
from web.templating import plural

router = APIRouter(prefix="/l/{place}/practitioners/{practitioner_id}")

DONE = {
    "added": "They are added. Now tell when they work: without a shift they can’t be booked.",
    "shift": "The shift is planned.",
    "ended": "The shift ends on that day. Visits that are booked later stay: look at the days concerned.",
    "away": "The absence is planned. They can’t be booked then.",
    "back": "The absence is taken back. They can be booked on that day again.",
    "certified": "The credential is saved.",
}
WRONG = {
    "shift_not_valid": "A shift begins before it ends, and is at a location where they work. It is not ended before "
    "it began, nor prolonged once it has an end: plan another one instead.",
    "shift_overlaps": "They work here at this time already. Choose other hours, or end the other shift first.",
}
ONE_DAY = "day"
"""Stands for a single day where a weekday is chosen."""


@router.get("")
async def practitioner(desk: AtDesk, practitioner_id: UUID, done: str = "") -> HTMLResponse:
    """When they work on one side, when they do not and what they may do on the other."""
    return await _page(desk, practitioner_id, Entered.blank(), done=DONE.get(done, ""))


@router.post("/shifts")
async def add_shift(desk: AtDesk, request: Request, practitioner_id: UUID) -> Response:
    """Working hours here, every week or on one day."""
    form = await entered(request)
    hours = opening.read(form, "shift")
    if not hours and "shift" not in form.errors:
        form.errors["shift"] = "Enter from when to when they work."
    when = _when(form)
    if not form.is_fine or not hours:
        return await _page(desk, practitioner_id, form, status=422)
    body = {"location_id": str(desk.place.id), "starts": hours[0], "ends": hours[1], **when}
    asked = practitioners.plan(desk.api, practitioner_id, "shifts", body, key=form.key)
    return await _done(desk, practitioner_id, form, asked, done="shift")


@router.post("/shifts/{shift_id}/end")
async def end_shift(desk: AtDesk, request: Request, *, practitioner_id: UUID, shift_id: UUID) -> Response:
    """The last day of a weekly shift."""
    form = await entered(request)
    body = {"until_on": _day(form, f"end-{shift_id}")}
    if not form.is_fine:
        return await _page(desk, practitioner_id, form, status=422)
    asked = practitioners.plan(desk.api, practitioner_id, f"shifts/{shift_id}/end", body, key=form.key)
    return await _done(desk, practitioner_id, form, asked, done="ended")


@router.post("/absences")
async def add_absence(desk: AtDesk, request: Request, practitioner_id: UUID) -> Response:
    """Away on a day, or for part of it."""
    form = await entered(request)
    day, hours = _day(form, "away_on"), opening.read(form, "away")
    if not form.is_fine:
        return await _page(desk, practitioner_id, form, status=422)
    starts, ends = hours or (None, None)
    body = {"day": day, "starts": starts, "ends": ends}
    asked = practitioners.plan(desk.api, practitioner_id, "absences", body, key=form.key)
    return await _done(desk, practitioner_id, form, asked, done="away")


@router.post("/absences/{absence_id}/withdraw")
async def withdraw(desk: AtDesk, request: Request, *, practitioner_id: UUID, absence_id: UUID) -> Response:
    """There after all."""
    form = await entered(request)
    asked = practitioners.withdraw(desk.api, practitioner_id, absence_id, key=form.key)
    return await _done(desk, practitioner_id, form, asked, done="back")


@router.post("/credentials")
async def certify(desk: AtDesk, request: Request, practitioner_id: UUID) -> Response:
    """Up to which day they may needle in a way here."""
    form = await entered(request)
    until = _day(form, "valid_until")
    if not form.is_fine:
        return await _page(desk, practitioner_id, form, status=422)
    body = {"location_id": str(desk.place.id), "modality": form["modality"], "valid_until": until}
    asked = practitioners.certify(desk.api, practitioner_id, body, key=form.key)
    return await _done(desk, practitioner_id, form, asked, done="certified")


def _when(form: Entered) -> dict[str, Any]:
    """Every week on a weekday, at once or from a day on; or on one day alone."""
    if form["weekday"] == ONE_DAY:
        return {"day": _day(form, "day")}
    weekday = typed.whole(form["weekday"])
    if weekday is None:
        form.errors["weekday"] = "Choose a weekday, or one day."
    return {"weekday": weekday, "from_on": _day(form, "from_on") if form["from_on"] else None}


def _day(form: Entered, name: str) -> str | None:
    day = form.read(name, typed.day)
    return day.isoformat() if day else None


async def _done(desk: Desk, practitioner_id: UUID, form: Entered, asked: Awaitable[Any], *, done: str) -> Response:
    try:
        await asked
    except ApiProblem as problem:
        form.refuse(problem)
        form.refused = WRONG.get(problem.code, form.refused)
        if booked := problem.facts.get("appointment_ids"):
            form.refused = (
                f"{plural(len(booked), 'visit')} of theirs {'is' if len(booked) == 1 else 'are'} booked then. "
            )
            form.refused += "Move or cancel what is in the way on that day, then enter the absence again."
        return await _page(desk, practitioner_id, form, status=422)
    return RedirectResponse(f"/l/{desk.place.code}/practitioners/{practitioner_id}?done={done}", status_code=303)


async def _page(desk: Desk, practitioner_id: UUID, form: Entered, *, done: str = "", status: int = 200) -> HTMLResponse:
    found = await practitioners.working(desk.api, practitioner_id)
    weekdays = list(opening.WEEKDAYS.values())
    return desk.page(
        "pages/practitioner.html",
        status=status,
        person=found,
        form=form,
        fresh_key=lambda: Entered.blank().key,
        names={place.id: place.name for place in desk.places},
        weekdays=weekdays,
        choices=[*((str(number), f"Every {name}") for number, name in enumerate(weekdays)), (ONE_DAY, "On one day")],
        span=opening.span,
        modalities=MODALITIES,
        needling=NEEDLING,
        today=desk.place.today(desk.now),
        done=done,
    )


PAGE = Page(router, MANAGEMENT)
