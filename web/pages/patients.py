"""Patients: find one, register one."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import CLINIC, DESK, TILL
from web.clients import patients
from web.clients.booking import Location
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.forms import Entered, entered
from web.listing import listing
from web.menu import Entry, Page, Section

router = APIRouter()

LANGUAGES = (("en", "English"), ("es", "Spanish"))


@router.get("/l/{place}/patients")
async def patient_list(desk: AtDesk, request: Request) -> HTMLResponse:
    """Everybody the chain treats, by name; the search finds parts of names, numbers and addresses."""
    asked = listing(request, typed=("q",))
    found = await patients.page(desk.api, q=asked["q"], cursor=asked.cursor)
    return desk.page(
        "pages/patients.html",
        asked=asked,
        found=found,
        homes={place.id: place.name for place in desk.places},
        today=desk.place.today(desk.now),
        age=patients.age,
        may_register=desk.may(DESK),
    )


@router.get("/l/{place}/patients/new")
async def blank(desk: AtDesk, request: Request) -> HTMLResponse:
    """The empty form; what was searched for in vain is filled in as the name."""
    given, _, family = request.query_params.get("name", "")[:80].strip().rpartition(" ")
    form = Entered.blank(given_name=given or family, family_name=family if given else "", home=str(desk.place.id))
    return _form(desk, form)


@router.post("/l/{place}/patients/new")
async def register(desk: AtDesk, request: Request) -> Response:
    form = await entered(request)
    body = _body(form, desk.places, today=desk.place.today(desk.now))
    if not form.is_fine:
        return _form(desk, form, status=422)
    try:
        patient = await patients.register(desk.api, body, key=form.key)
    except ApiProblem as problem:
        form.refuse(problem, home_location_id="home")
        return _form(desk, form, status=422)
    return RedirectResponse(f"/l/{desk.place.code}/patients/{patient.id}?done=registered", status_code=303)


def _body(form: Entered, places: tuple[Location, ...], *, today: date) -> dict[str, Any]:
    """What booking is asked to keep; fields that nobody filled in are left out."""
    form.need("given_name", "Enter the first name.")
    form.need("family_name", "Enter the family name.")
    born = form.need("birth_date", "Enter the date of birth.")
    if born and not _is_past(born, today):
        form.errors["birth_date"] = "Enter a day in the past, such as 1990-04-23."
    home = next((place for place in places if str(place.id) == form["home"]), None)
    if home is None:
        form.errors["home"] = "Choose the location they mostly come to."
    names = ("given_name", "family_name", "email", "phone", "birth_date", "language")
    body = {name: form[name] for name in names if form[name]}
    return {**body, "home_location_id": form["home"], **({"zone": home.zone} if home else {})}


def _is_past(text: str, today: date) -> bool:
    try:
        return date.fromisoformat(text) < today
    except ValueError:
        return False


def _form(desk: Desk, form: Entered, *, status: int = 200) -> HTMLResponse:
    homes = [(str(place.id), place.name) for place in desk.places]
    return desk.page("pages/patient_new.html", status=status, form=form, languages=LANGUAGES, homes=homes)


PAGE = Page(router, (Entry(Section.CLINIC, "Patients", "users", "patients", (*CLINIC, *TILL)),))
