"""Patients: find one, register one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import CLINIC, DESK, MANAGEMENT, RECEPTION
from web import alike
from web.alike import Alike
from web.clients import patients
from web.clients.booking import Location, Patient
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.exports import ROWS_AT_ONCE, Cell, whole_list
from web.forms import Entered, entered
from web.listing import Listing, listing
from web.menu import Entry, Page, Section

router = APIRouter()

COLUMNS = ("Family name", "First name", "Born", "Phone", "E-mail", "Home location", "Patient id")


@router.get("/l/{place}/patients")
async def patient_list(desk: AtDesk, request: Request) -> HTMLResponse:
    """Everybody the chain treats, by name; the search finds parts of names, numbers and addresses."""
    asked = _asked(request)
    found = await patients.page(desk.api, q=asked["q"], sort=asked.sort, cursor=asked.cursor)
    return desk.page(
        "pages/patients.html",
        asked=asked,
        found=found,
        homes={place.id: place.name for place in desk.places},
        today=desk.place.today(desk.now),
        age=patients.age,
        may_register=desk.may(DESK),
        may_export=desk.may(MANAGEMENT),
        sees_contact=desk.may(CLINIC),
    )


@router.get("/l/{place}/patients.csv")
async def file(desk: AtDesk, request: Request) -> Response:
    """Everybody whom this search finds, for those who answer for the location: it is the chain's whole register."""
    desk.must(MANAGEMENT)
    asked = _asked(request)
    homes = {place.id: place.name for place in desk.places}

    async def some(cursor: str | None) -> tuple[Sequence[Patient], str | None]:
        page = await patients.page(desk.api, q=asked["q"], sort=asked.sort, cursor=cursor, limit=ROWS_AT_ONCE)
        return page.items, page.next_cursor

    async def written(found: Sequence[Patient]) -> list[tuple[Cell, ...]]:
        return [_row(patient, homes) for patient in found]

    return await whole_list("patients", COLUMNS, some, written)


@router.get("/l/{place}/patients/new")
async def blank(desk: AtDesk, request: Request) -> HTMLResponse:
    """The empty form; what was searched for in vain is filled in as the name."""
    desk.must(DESK)
    given, _, family = request.query_params.get("name", "")[:80].strip().rpartition(" ")
    form = Entered.blank(given_name=given or family, family_name=family if given else "", home=str(desk.place.id))
    return _form(desk, form)


@router.post("/l/{place}/patients/new")
async def register(desk: AtDesk, request: Request) -> Response:
    """Register them; where somebody is alike, the desk compares before there is a second record."""
    desk.must(DESK)
    form = await entered(request)
    body = _body(form, desk.places, today=desk.place.today(desk.now))
    if not form.is_fine:
        return _form(desk, form, status=422)
    try:
        patient = await patients.register(desk.api, body, key=form.key)
    except ApiProblem as problem:
        if problem.code == alike.PERHAPS_KNOWN:
            return _form(desk, form, found=await alike.ask_about(desk.api, form, problem), status=422)
        form.refuse(problem, home_location_id="home")
        return _form(desk, form, status=422)
    return RedirectResponse(f"/l/{desk.place.code}/patients/{patient.id}?done=registered", status_code=303)


def _asked(request: Request) -> Listing:
    return listing(request, typed=("q",), sorts=("name",), default="name")


def _row(patient: Patient, homes: Mapping[UUID, str]) -> tuple[Cell, ...]:
    return (
        patient.family_name,
        patient.given_name,
        patient.birth_date,
        patient.phone,
        patient.email,
        homes.get(patient.home_location_id, "another location"),
        str(patient.id),
    )


def _body(form: Entered, places: tuple[Location, ...], *, today: date) -> dict[str, Any]:
    """What booking is asked to keep; fields that nobody filled in are left out."""
    read_name(form)
    read_birth_date(form, today=today)
    home = next((place for place in places if str(place.id) == form["home"]), None)
    if home is None:
        form.errors["home"] = "Choose the location they mostly come to."
    names = ("given_name", "family_name", "email", "phone", "birth_date")
    body = {name: form[name] for name in names if form[name]}
    known = {"home_location_id": form["home"], "differs_from": alike.compared(form)}
    return {**body, **known, **({"zone": home.zone} if home else {})}


def read_name(form: Entered) -> None:
    """Both names have to be there."""
    form.need("given_name", "Enter the first name.")
    form.need("family_name", "Enter the family name.")


def read_birth_date(form: Entered, *, today: date) -> None:
    """A day on which somebody can have been born."""
    born = form.need("birth_date", "Enter the date of birth.")
    if born and not _is_past(born, today):
        form.errors["birth_date"] = "Enter a day in the past, such as 1990-04-23."


def _is_past(text: str, today: date) -> bool:
    try:
        return date.fromisoformat(text) < today
    except ValueError:
        return False


def _form(desk: Desk, form: Entered, *, found: Sequence[Alike] = (), status: int = 200) -> HTMLResponse:
    homes = [(str(place.id), place.name) for place in desk.places]
    return desk.page("pages/patient_new.html", status=status, form=form, homes=homes, alike=found)


PAGE = Page(router, RECEPTION, (Entry(Section.CLINIC, "Patients", "users", "patients", RECEPTION),))
