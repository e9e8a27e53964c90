"""The booking form: a patient found or registered on the spot, a treatment, and a time that is really free."""

from asyncio import gather
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from contracts.identity import CLINIC
from web import alike, times, typed
from web.alike import Alike
from web.clients import accounts, booking, patients
from web.clients.booking import Patient, Practitioner, Treatment
from web.clients.practitioners import equipped
from web.clients.prices import prices
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.forms import Entered, entered
from web.menu import Page
from web.pages.day import card_of
from web.partly import part
from web.readiness import why_never
from web.said import tell
from web.templating import spoken

router = APIRouter(prefix="/l/{place}/book")

TIME_FIELDS = ("day", "practitioner_id", "wanted")
NEW_FIELDS = ("given_name", "family_name", "phone", "email", "birth_date")


@dataclass(frozen=True, slots=True)
class Other:
    """Another time that the service offers when the wish was taken."""

    value: str
    at: datetime


class TimesWanted(BaseModel):
    """Whose free time is asked for, as a form sends it while somebody fills it in."""

    treatment: str
    day: str = ""
    practitioner_id: str = ""
    wanted: str = ""
    moving: UUID | None = None
    """The visit that is to be moved: what it occupies now counts as free."""
    id: str = Field(default="book", pattern="^[a-z]+$")
    """Tells the lists of two forms on one page apart."""


class Clicked(BaseModel):
    """What the form is opened with: a time of the grid, or a patient and what a recall suggests."""

    start: datetime | None = None
    on: date | None = None
    practitioner_id: UUID | None = None
    room_id: UUID | None = None
    patient_id: UUID | None = None
    treatment: str = Field(default="", max_length=40)


@router.get("")
async def form(desk: AtDesk, clicked: Annotated[Clicked, Query()]) -> HTMLResponse:
    """The form, filled in with what was clicked; a day that is only suggested is never in the past."""
    today = desk.place.today(desk.now)
    wanted = clicked.start or datetime.combine(max(clicked.on or today, today), time())
    blank = Entered.blank(
        wanted=wanted.isoformat(),
        day=wanted.date().isoformat(),
        practitioner_id=str(clicked.practitioner_id or ""),
        room_id=str(clicked.room_id or ""),
        patient_id=str(clicked.patient_id or ""),
        treatment=clicked.treatment,
    )
    return await _form(desk, blank)


@router.get("/patients")
async def found(desk: AtDesk, who: Annotated[str, Query(max_length=100)] = "") -> HTMLResponse:
    """Patients while one types."""
    q = who.strip()
    hits: Sequence[Patient] = await booking.patients(desk.api, q, limit=6) if q else ()
    return desk.part("parts/book_hits.html", hits=hits, q=q)


@router.get("/patients/new")
async def register(desk: AtDesk, who: Annotated[str, Query(max_length=100)] = "") -> HTMLResponse:
    """Fields for a patient who is here for the first time, with the name that was typed."""
    given, _, family = who.strip().rpartition(" ")
    blank = Entered.blank(given_name=given, family_name=family)
    return desk.part("parts/book_new_patient.html", form=blank, alike=())


@router.get("/patients/search")
async def search(desk: AtDesk) -> HTMLResponse:
    """Back to the search field."""
    return desk.part("parts/book_search.html", form=Entered.blank())


@router.get("/patients/{patient_id}")
async def chosen(desk: AtDesk, patient_id: UUID) -> Response:
    """The patient who was chosen."""
    patient = await booking.patient(desk.api, patient_id)
    return tell(desk.part("parts/book_patient.html", patient=patient), book_patient=True)


@router.get("/times")
async def free_times(desk: AtDesk, wanted: Annotated[TimesWanted, Query()]) -> HTMLResponse:
    """The times that are free on a day, for this treatment and this person."""
    return desk.part(
        "parts/times.html",
        times=await _times(desk, wanted),
        id=wanted.id,
        remarks=wanted.id == "book",
        error="",
        one_person=bool(wanted.practitioner_id),
    )


@router.get("/price")
async def price(
    desk: AtDesk, treatment: Annotated[str, Query()], patient_id: Annotated[str, Query()] = ""
) -> HTMLResponse:
    """What it will cost: a session of a package, or the list price."""
    return desk.part("parts/book_price.html", **await _price(desk, treatment, patient_id))


@router.post("")
async def book(desk: AtDesk, request: Request) -> Response:
    """Book; a new patient is registered on the way. What is refused comes back with the fields it is about."""
    form = await entered(request)
    start, practitioner_id = _wish(form)
    if typed.reference(form["patient_id"]) is None and "given_name" not in form.values:
        form.errors["patient"] = "Choose a patient, or register a new one."
    at = _read(form, start)
    if at is None or not form.is_fine:
        return await _form(desk, form, status=422)
    try:
        return await _booked(desk, form, at, practitioner_id)
    except ApiProblem as problem:
        return await _refused(desk, form, problem)


def _wish(form: Entered) -> tuple[str, str]:
    """The time and the person of the form, or of the other time that was clicked."""
    if form["instead"]:
        start, _, practitioner_id = form["instead"].partition("|")
        return start, practitioner_id
    return form["at"], form["practitioner_id"]


def _read(form: Entered, start: str) -> tuple[datetime, int | None] | None:
    try:
        return times.read(start)
    except typed.Misread as misread:
        form.errors["at"] = str(misread)
        return None


async def _booked(desk: Desk, form: Entered, at: tuple[datetime, int | None], practitioner_id: str) -> Response:
    start, fold = at
    body: dict[str, Any] = {
        "patient_id": form["patient_id"] or str((await _registered(desk, form)).id),
        "location_id": str(desk.place.id),
        "treatment": form["treatment"],
        "local_start": start.isoformat(),
        "practitioner_id": practitioner_id or None,
        "room_id": form["room_id"] or None,
        "fold": fold,
        "note": form["note"] or None,
        "override_reason": form["override_reason"] or None,
    }
    given = {name: value for name, value in body.items() if value is not None}
    visit = await desk.api.post("booking", "/appointments", given, booking.Appointment, key=form.key)
    said = f"{visit.patient.full_name} is booked for {spoken(visit.local_start)} with {visit.practitioner_name}."
    return tell(
        Response(status_code=204),
        dialogs_close=True,
        visit_saved=await card_of(desk, visit),
        toast={"text": said},
    )


async def _registered(desk: Desk, form: Entered) -> Patient:
    """The new patient; kept in the form, so that a time that is refused does not register them twice."""
    given = {name: form[name] for name in NEW_FIELDS if form[name]}
    body = {**given, "home_location_id": str(desk.place.id), "differs_from": alike.compared(form)}
    patient = await patients.register(desk.api, body, key=f"{form.key}-patient")
    form.values = {**form.values, "patient_id": str(patient.id)}
    return patient


async def _refused(desk: Desk, form: Entered, problem: ApiProblem) -> HTMLResponse:
    if problem.code == alike.PERHAPS_KNOWN:
        return await _form(desk, form, found=await alike.ask_about(desk.api, form, problem), status=422)
    form.refuse(problem, local_start="at")
    others = [
        Other(f"{each['local_start']}|{each.get('practitioner_id', '')}", datetime.fromisoformat(each["local_start"]))
        for each in problem.facts.get("alternatives", ())
    ]
    return await _form(desk, form, others=others, too_soon=problem.code == "too_soon", status=422)


async def _form(
    desk: Desk,
    form: Entered,
    *,
    others: Sequence[Other] = (),
    too_soon: bool = False,
    found: Sequence[Alike] = (),
    status: int = 200,
) -> HTMLResponse:
    treatments, resources = await gather(booking.offered(desk.api), booking.resources(desk.api, desk.place.id))
    treatment = form["treatment"] or (treatments[0].code if treatments else "")
    patient_id = typed.reference(form["patient_id"])
    patient = await booking.patient(desk.api, patient_id) if patient_id else None
    free, cost = await gather(
        _times(desk, TimesWanted.model_validate({name: form[name] for name in TIME_FIELDS} | {"treatment": treatment})),
        _price(desk, treatment, form["patient_id"]),
    )
    return desk.part(
        "parts/book.html",
        status=status,
        form=form,
        treatment=treatment,
        treatment_options=_treatment_options(treatments),
        practitioner_options=_people(resources.practitioners),
        room=next((room for room in resources.rooms if str(room.id) == form["room_id"]), None),
        patient=patient,
        times=free,
        others=others,
        alike=found,
        too_soon=too_soon,
        **cost,
    )


async def _times(desk: Desk, asked: TimesWanted) -> times.Times:
    try:
        on = typed.day(asked.day)
    except typed.Misread:
        return times.Times((), "", remark="Choose a day first.")
    if not asked.treatment:
        return times.Times((), "", remark="Nothing is on offer yet: a manager adds it under Treatments.")
    slots = await booking.slots(
        desk.api,
        desk.place.id,
        asked.treatment,
        on=on,
        practitioner_id=typed.reference(asked.practitioner_id),
        moving=asked.moving,
    )
    if not slots and (never := await _why_never(desk, asked.treatment, on)):
        return times.Times((), "", remark=f"It can’t be booked here yet. {never}")
    return times.offered(slots, desk.place, wanted=_at(on, asked.wanted))


async def _why_never(desk: Desk, treatment: str, on: date) -> str:
    """Said where no time is free because something was never set up; empty where all times are taken."""
    offered, here = await gather(booking.offered(desk.api), equipped(desk.api, desk.place.id))
    return next((why_never(each, here, on) for each in offered if each.code == treatment), "")


def _at(on: date, wanted: str) -> datetime | None:
    """The time of day that was wanted first, on that day."""
    try:
        return datetime.combine(on, datetime.fromisoformat(wanted).time())
    except ValueError:
        return None


async def _price(desk: Desk, treatment: str, patient_id: str) -> dict[str, Any]:
    listed = await part(prices(desk.api, desk.place.id))
    known = typed.reference(patient_id)
    account = await part(accounts.account(desk.api, known)) if known else None
    left = account.found.left_of(treatment) if account and account.found else 0
    due = account.found.balance_due if account and account.found else None
    return {"price": (listed.found or {}).get(treatment), "sessions_left": left, "due": due}


def _treatment_options(treatments: Sequence[Treatment]) -> list[tuple[str, str]]:
    return [(each.code, f"{each.name}, {each.duration_minutes} min") for each in treatments]


def _people(practitioners: Sequence[Practitioner]) -> list[tuple[str, str]]:
    return [("", "Anyone who is free"), *((str(each.id), each.name) for each in practitioners)]


PAGE = Page(router, CLINIC)
